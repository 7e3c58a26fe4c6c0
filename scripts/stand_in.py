"""The tests' made-up camera (Tests/CameraStandIn), for programs that are started with its environment."""

import ctypes
import os
from pathlib import Path

SWITCH_UNPLUGGED = 1  # of camera_switch


class StandIn:
    """It plays raw YUYV pictures, and is there as long as this object."""

    class Size(ctypes.Structure):
        _fields_ = [
            *((name, ctypes.c_uint32) for name in ("width", "height", "largest_width", "largest_height")),
            *((name, ctypes.c_uint32) for name in ("step_width", "step_height", "interval_count")),
            ("intervals", ctypes.c_uint32 * 16),
        ]

    def __init__(self, library: Path, directory: Path, width: int, height: int, fps: int, frames: str = "frames"):
        self.library = ctypes.CDLL(str(library))
        self.environment = os.environ | {"CAMERA_STAND_IN_DEV": str(directory / "dev"), "LD_PRELOAD": str(library)}
        self.description = ctypes.create_string_buffer(1 << 20)  # zeros are a camera with one plane
        names = (b"uvcvideo", b"Stand-in", b"usb-stand-in", bytes(directory / frames))
        size = self.Size(width, height, width, height, 0, 0, 1, (1, fps))
        yuyv = int.from_bytes(b"YUYV", "little")
        described = self.library.camera_describe(self.description, *names)
        described = described and self.library.camera_add_format(self.description, yuyv)
        if not (described and self.library.camera_add_size(self.description, ctypes.byref(size))):
            raise SystemExit("the stand-in camera cannot be described")
        (directory / "dev").mkdir(exist_ok=True)
        self.node = directory / "dev/video0"
        self.node.unlink(missing_ok=True)
        self.library.camera_device_create.restype = ctypes.c_void_p
        self.plug()

    def plug(self) -> None:
        self.device = ctypes.c_void_p(self.library.camera_device_create(bytes(self.node), self.description))
        if not self.device:
            raise SystemExit("the stand-in camera cannot be made")

    def unplug(self) -> None:
        """The node vanishes, and whoever has it open gets ENODEV."""
        self.node.unlink()
        self.library.camera_set(self.device, SWITCH_UNPLUGGED, 1)
        self.library.camera_device_close(self.device)
