#define _GNU_SOURCE
#include "Card.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// The cards of this process. One lives until the test and all who have it open have let it go.
static struct {
  struct microphone_card *card;
  int references;
  pthread_t maker;
} cards[microphone_most_cards];
static pthread_mutex_t cards_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t environment = PTHREAD_ONCE_INIT;

static uint64_t monotonic(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// MARK: The table of a process

static int find_slot(struct microphone_card *card) {
  int slot = 0;
  while (slot < microphone_most_cards && cards[slot].card != card) slot++;
  return slot;
}

// The number of the card in this process; -1 if there is no room.
static int add(struct microphone_card *card) {
  pthread_mutex_lock(&cards_lock);
  int slot = find_slot(NULL);
  if (slot == microphone_most_cards) {
    slot = -1;
  } else {
    cards[slot].card = card;
    cards[slot].references = 1;
    cards[slot].maker = pthread_self();
  }
  pthread_mutex_unlock(&cards_lock);
  return slot;
}

void microphone_retain(struct microphone_card *card) {
  pthread_mutex_lock(&cards_lock);
  cards[find_slot(card)].references++;
  pthread_mutex_unlock(&cards_lock);
}

void microphone_release(struct microphone_card *card) {
  pthread_mutex_lock(&cards_lock);
  int slot = find_slot(card);
  bool is_last = --cards[slot].references == 0;
  if (is_last) cards[slot].card = NULL;
  pthread_mutex_unlock(&cards_lock);
  if (is_last) munmap(card, sizeof *card);
}

int32_t microphone_number(struct microphone_card *card) {
  pthread_mutex_lock(&cards_lock);
  int slot = find_slot(card);
  pthread_mutex_unlock(&cards_lock);
  return slot;
}

static void attach(const char *path) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  struct stat status;
  struct microphone_card *card = MAP_FAILED;
  if (fstat(file, &status) == 0 && status.st_size == sizeof *card) {
    card = mmap(NULL, sizeof *card, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  if (card == MAP_FAILED) return;
  if (memcmp(card->magic, MICROPHONE_MAGIC, sizeof MICROPHONE_MAGIC) != 0 || add(card) < 0) munmap(card, sizeof *card);
}

static void attach_all(void) {
  const char *paths = getenv("MICROPHONE_STAND_IN");
  char *list = paths == NULL ? NULL : strdup(paths), *rest = list;
  for (char *path; list != NULL && (path = strsep(&rest, ":")) != NULL;) attach(path);
  free(list);
}

static bool is_there(struct microphone_card *card) {
  return card != NULL && microphone_switched(card, microphone_switch_unplugged) == 0;
}

struct microphone_card *microphone_find(int number) {
  pthread_once(&environment, attach_all);
  if (number < 0 || number >= microphone_most_cards) return NULL;
  pthread_mutex_lock(&cards_lock);
  struct microphone_card *card = is_there(cards[number].card) ? cards[number].card : NULL;
  if (card != NULL && card->is_virtual && !pthread_equal(cards[number].maker, pthread_self())) card = NULL;
  pthread_mutex_unlock(&cards_lock);
  return card;
}

int microphone_after(int number) {
  while (++number < microphone_most_cards) {
    struct microphone_card *card = microphone_find(number);
    if (card != NULL && microphone_switched(card, microphone_switch_open_error) != EACCES) return number;
  }
  return -1;
}

struct microphone_card *microphone_named(const char *name, int *device) {
  char card_name[32] = "";
  *device = 0;
  if (sscanf(name, "hw:CARD=%31[^,],DEV=%d", card_name, device) < 1) sscanf(name, "hw:%31[^,],%d", card_name, device);
  if (card_name[0] >= '0' && card_name[0] <= '9') return microphone_find(atoi(card_name));
  for (int number = -1; (number = microphone_after(number)) >= 0;) {
    struct microphone_card *card = microphone_find(number);
    if (card != NULL && strcmp(card->description.id, card_name) == 0) return card;
  }
  return NULL;
}

// MARK: The test's hold

struct microphone_card *microphone_create(
  const char *path, const struct microphone_description *description, bool is_virtual) {
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (path != NULL && (file < 0 || ftruncate(file, sizeof(struct microphone_card)) < 0)) {
    if (file >= 0) close(file);
    return NULL;
  }
  int flags = path == NULL ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  struct microphone_card *card = mmap(NULL, sizeof *card, PROT_READ | PROT_WRITE, flags, file, 0);
  if (file >= 0) close(file);
  if (card == MAP_FAILED) return NULL;
  card->size = sizeof *card;
  card->description = *description;
  card->is_virtual = is_virtual;
  card->epoch = monotonic();
  atomic_store(&card->virtual_time, card->epoch);
  memcpy(card->magic, MICROPHONE_MAGIC, sizeof MICROPHONE_MAGIC);
  if (add(card) >= 0) return card;
  munmap(card, sizeof *card);
  errno = ENOSPC;
  return NULL;
}

void microphone_destroy(struct microphone_card *card) {
  microphone_set(card, microphone_switch_unplugged, 1);
  microphone_release(card);
}

void microphone_set(struct microphone_card *card, enum microphone_switch name, int32_t value) {
  int32_t before = atomic_exchange(&card->switches[name], value);
  if (name != microphone_switch_unplugged || before != 0 || value == 0) return;
  atomic_fetch_add(&card->plugging, 1);
  atomic_store(&card->openers, 0);
  atomic_store(&card->players, 0);
}

int32_t microphone_get(struct microphone_card *card, enum microphone_switch name) {
  return microphone_switched(card, name);
}

bool microphone_take(struct microphone_card *card, enum microphone_switch name) {
  int32_t left = atomic_load(&card->switches[name]);
  while (left > 0) {
    if (atomic_compare_exchange_weak(&card->switches[name], &left, left - 1)) return true;
  }
  return false;
}

uint64_t microphone_now(struct microphone_card *card) {
  return card->is_virtual ? atomic_load(&card->virtual_time) : monotonic();
}

uint64_t microphone_epoch(struct microphone_card *card) { return card->epoch; }

void microphone_sleep(struct microphone_card *card, uint64_t time) {
  uint64_t now = microphone_now(card);
  if (card->is_virtual) {
    if (time > now) atomic_store(&card->virtual_time, time);
    return;
  }
  struct timespec until = {.tv_sec = (time_t)(time / 1000000000), .tv_nsec = (long)(time % 1000000000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
}

int32_t microphone_open_count(struct microphone_card *card) { return atomic_load(&card->openers); }
int32_t microphone_player_count(struct microphone_card *card) { return atomic_load(&card->players); }
int32_t microphone_attempt_count(struct microphone_card *card) { return atomic_load(&card->attempts); }
int32_t microphone_format(struct microphone_card *card) { return atomic_load(&card->format); }
uint32_t microphone_period(struct microphone_card *card) { return atomic_load(&card->period); }
uint32_t microphone_buffer(struct microphone_card *card) { return atomic_load(&card->buffer); }

// MARK: Descriptions

static bool copy(char *room, size_t size, const char *text) {
  if (strlen(text) >= size) return false;
  strcpy(room, text);
  return true;
}

bool microphone_describe(struct microphone_description *description, const char *id, const char *name) {
  return copy(description->id, sizeof description->id, id)
    && copy(description->name, sizeof description->name, name)
    && copy(description->device_name, sizeof description->device_name, "USB Audio");
}

bool microphone_describe_played(struct microphone_description *description, const char *path) {
  return copy(description->played, sizeof description->played, path);
}

bool microphone_add_rate(struct microphone_description *description, uint32_t rate) {
  if (description->rate_count == microphone_most_rates) return false;
  description->rates[description->rate_count++] = rate;
  return true;
}
