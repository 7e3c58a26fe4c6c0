import Account
import NIOCore
import Settings
import Studio

/// A picture for who asks for one, kept at the camera's own server.
extension CameraServer {
  /// One at a time: each costs the server's space, and the network what a call has need of.
  func snapshot(for role: AccessList.Role) async -> CommandAnswer {
    guard let client, desk.begin(.snapshot) else {
      return CommandAnswer(problem: CommandRefusal("a snapshot is already being taken; try again in a moment"))
    }
    defer { desk.end(.snapshot) }
    let uploader = FileUploader(client: client, caFile: configuration.account.caFile, eventLoop: eventLoop)
    do throws(CommandRefusal) {
      // First, so that no camera is opened in vain.
      let service = try await uploading { () throws(FileUploader.Failure) in try await uploader.findService() }
      let picture = try await picture(for: role)
      return CommandAnswer(
        try await uploading { () throws(FileUploader.Failure) in
          try await uploader.upload(picture, named: "snapshot.jpg", contentType: "image/jpeg", to: service)
        })
    } catch {
      logger.notice("no snapshot was sent", metadata: ["cause": "\(error)"])
      return CommandAnswer(problem: error)
    }
  }

  private func uploading<Result>(
    _ body: () async throws(FileUploader.Failure) -> Result
  ) async throws(CommandRefusal) -> Result {
    do throws(FileUploader.Failure) {
      return try await body()
    } catch {
      throw CommandRefusal(error.description)
    }
  }

  private func picture(for role: AccessList.Role) async throws(CommandRefusal) -> ByteBuffer {
    do {
      return try await broadcast.takeSnapshot().get()
    } catch {
      // What is wrong with the camera tells more of this computer than who watches need know.
      guard role == .admin, let error = error as? StudioError else { throw CommandRefusal("\(StudioError.noPicture)") }
      throw CommandRefusal("\(error)")
    }
  }
}
