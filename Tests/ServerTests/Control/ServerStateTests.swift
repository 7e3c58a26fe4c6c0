import Capture
import Testing
import Video

@testable import Server

@Suite("How a camera is doing, in words")
struct ServerStateTests {
  @Test("is a sentence on who watches, and one on the picture")
  func words() {
    var state = ServerState(
      isSourcePresent: true, viewers: 0, maximumViewers: 4, pictureSize: nil, maximumBitrate: 2_500_000)
    #expect(state.text == "Ready. Nobody is watching; up to 4 can.\nThe picture: up to 2500 kbit/s.")
    state.viewers = 1
    state.pictureSize = PictureSize(width: 640, height: 480)
    #expect(state.text == "Ready. 1 of 4 is watching.\nThe picture: 640x480, up to 2500 kbit/s.")
    (state.viewers, state.isSourcePresent) = (2, false)
    #expect(state.text.hasPrefix("There is no camera. 2 of 4 are watching."))
  }

  @Test("says that there is no sound, and to an admin why")
  func sound() {
    let trouble = MicrophoneError.busy(card: "C920", holder: "arecord")
    #expect(trouble.text(for: .admin) == "There is no sound: the microphone of sound card C920 is in use by arecord.")
    #expect(trouble.text(for: .viewer) == "There is no sound at the moment.")
  }

  @Test("any answer begins with a capital letter and ends with a full stop")
  func sentences() {
    #expect("there is no camera".sentence == "There is no camera.")
    #expect("Calling you.".sentence == "Calling you." && "".sentence == "")
  }
}
