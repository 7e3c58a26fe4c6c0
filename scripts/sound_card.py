"""The tests' made-up sound card (Tests/MicrophoneStandIn), for programs that are started with its environment."""

import ctypes
from pathlib import Path

RATE = 48_000
S16_LE = 2  # of snd_pcm_format_t
SWITCH_UNPLUGGED = 0  # of microphone_switch


class SoundCard:
    """It records and plays one channel, by a clock that is `drift` ppm too fast, and is there as long as this object.

    It hears a tone of 440 Hz, or the samples of a file (`heard`). What it plays is in the file `played`."""

    class Description(ctypes.Structure):
        _fields_ = [
            ("id", ctypes.c_char * 16),
            ("name", ctypes.c_char * 80),
            ("device_name", ctypes.c_char * 80),
            ("device", ctypes.c_int32),
            ("formats", ctypes.c_uint64),
            ("least_channels", ctypes.c_uint32),
            ("most_channels", ctypes.c_uint32),
            ("rate_count", ctypes.c_uint32),
            ("rates", ctypes.c_uint32 * 12),
            ("is_range", ctypes.c_bool),
            ("least_period", ctypes.c_uint32),
            ("most_buffer", ctypes.c_uint32),
            ("frequency", ctypes.c_double),
            ("amplitude", ctypes.c_double),
            ("drift", ctypes.c_double),
            ("played", ctypes.c_char * 256),
            ("heard", ctypes.c_char * 256),
        ]

    def __init__(self, library: Path, path: Path, environment: dict, *, drift: float, heard: str = "", played: str = ""):
        described = self.Description(
            id=b"StandIn", name=b"Stand-in", formats=1 << S16_LE, least_channels=1, most_channels=1, rate_count=1,
            rates=(ctypes.c_uint32 * 12)(RATE), least_period=48, frequency=440, amplitude=0.25, drift=drift,
            played=played.encode(), heard=heard.encode(),
        )
        self.library = ctypes.CDLL(str(library))
        self.library.microphone_create.restype = ctypes.c_void_p
        path.unlink(missing_ok=True)
        self.card = ctypes.c_void_p(self.library.microphone_create(bytes(path), ctypes.byref(described), False))
        if not self.card:
            raise SystemExit("the stand-in sound card cannot be made")
        preloaded = ":".join(filter(None, [environment.get("LD_PRELOAD"), str(library)]))
        self.environment = environment | {"MICROPHONE_STAND_IN": str(path), "LD_PRELOAD": preloaded}

    def unplug(self) -> None:
        """Whoever has it open gets ENODEV."""
        self.library.microphone_set(self.card, SWITCH_UNPLUGGED, 1)

    def plug(self) -> None:
        self.library.microphone_set(self.card, SWITCH_UNPLUGGED, 0)
