#pragma once
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
