import CameraStandIn
import Testing
import TestSupport

@Suite struct CameraStandInTests {
}
