import Glibc
import Network

/// Says early, in one line, that the file of `--ca-file` cannot be used.
package enum AuthorityFile {
  package static func check(_ path: String) throws(SettingError) {
    let option = SettingError.Subject.option("ca-file")
    guard access(path, R_OK) == 0 else {
      throw SettingError(of: option, "\(path): \(String(cString: strerror(errno)))", .noInput)
    }
    do throws(TLSClientContext.Failure) {
      try TLSClientContext.check(caFile: path)
    } catch {
      throw SettingError(of: option, "\(path): \(error.cause)", cure: error.cure, .configuration)
    }
  }
}
