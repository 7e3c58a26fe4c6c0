// Calls, as far as the linker knows, every function that the program looks up in FFmpeg's libraries.
#define _Nonnull
#define _Nullable
#include "shim.h"

#define ADDRESS(name) (void *)&name,
void *functions[] = {
    CFFMPEG_AVUTIL(ADDRESS) CFFMPEG_AVCODEC(ADDRESS) CFFMPEG_AVFORMAT(ADDRESS) CFFMPEG_SWRESAMPLE(ADDRESS)
        CFFMPEG_SWSCALE(ADDRESS)};
