import CV4L2

/// The arrangement of the two fields of an interlaced picture (Linux kernel documentation, "Field Order").
///
/// Only the first of two fields is shown, stretched to the full height. The other was exposed at another time, so that
/// showing both would give everything that moves a comb-like edge.
enum FieldOrder: Equatable, Sendable {
  case progressive
  /// The rows of both fields alternate.
  case interlaced
  /// One field follows the other.
  case sequential
  /// Each field has a buffer: both alternate, or there is only one.
  case separate

  /// - Parameter field: the field order in the answer to VIDIOC_S_FMT.
  init(v4l2 field: UInt32) {
    self =
      switch v4l2_field(field) {
      case V4L2_FIELD_INTERLACED, V4L2_FIELD_INTERLACED_TB, V4L2_FIELD_INTERLACED_BT: .interlaced
      case V4L2_FIELD_SEQ_TB, V4L2_FIELD_SEQ_BT: .sequential
      case V4L2_FIELD_TOP, V4L2_FIELD_BOTTOM, V4L2_FIELD_ALTERNATE: .separate
      default: .progressive
      }
  }
}

/// The position of the rows of a plane in the memory of a picture.
struct PlanePlacement: Equatable, Sendable {
  /// The index of the memory that contains the plane.
  var memory: Int
  /// The offset of the first row in bytes.
  var offset: Int
  /// The bytes from one row to the next.
  var stride: Int
  /// The bytes of a row that are read.
  var rowLength: Int
  var rows: Int

  /// The offset behind the last row, which need not be as long as its stride.
  var end: Int { offset + (rows - 1) * stride + rowLength }

  /// Returns the position of the rows of the field that is shown.
  func field(of order: FieldOrder) -> PlanePlacement {
    var field = self
    switch order {
    case .progressive, .separate:
      break
    case .interlaced:
      field.stride *= 2
      field.rows = (rows + 1) / 2
    case .sequential:
      field.rows = (rows + 1) / 2
    }
    return field
  }
}
