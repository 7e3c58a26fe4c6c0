import CV4L2

/// How the two fields of an interlaced picture come (Linux kernel documentation, "Field Order").
///
/// Of two fields the first is shown, stretched to the height of both: the other was taken at another time, and whatever
/// moves would have the edge of a comb.
enum FieldOrder: Equatable, Sendable {
  case progressive
  /// Their rows take turns.
  case interlaced
  /// One behind the other.
  case sequential
  /// A buffer each: both in turns, or one only.
  case separate

  /// - Parameter field: of the answer to VIDIOC_S_FMT.
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

/// Where the rows of a plane lie in the memory of a picture.
struct PlanePlacement: Equatable, Sendable {
  /// Which of the picture's memories it is in.
  var memory: Int
  /// Of the first row, in bytes.
  var offset: Int
  /// Bytes from one row to the next.
  var stride: Int
  /// Bytes of a row that are read.
  var rowLength: Int
  var rows: Int

  /// Behind the last row, which need not be as long as its stride.
  var end: Int { offset + (rows - 1) * stride + rowLength }

  /// The rows of the field that is shown.
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
