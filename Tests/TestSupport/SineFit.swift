import Glibc

/// The sine wave of a frequency that is nearest to a signal in the sense of least squares. For tests only.
package struct SineFit {
  package let amplitude: Double
  /// The power of the sine wave over that of all else in the signal, in decibels.
  package let signalToNoise: Double

  /// - Parameter frequency: in hertz.
  package init(_ samples: some Collection<Float>, frequency: Double, sampleRate: Int = 48_000) {
    var (ss, sc, cc, xs, xc) = (0.0, 0.0, 0.0, 0.0, 0.0)
    let step = 2 * Double.pi * frequency / Double(sampleRate)
    for (index, sample) in samples.enumerated() {
      let (s, c, x) = (sin(step * Double(index)), cos(step * Double(index)), Double(sample))
      ss += s * s
      sc += s * c
      cc += c * c
      xs += x * s
      xc += x * c
    }
    let determinant = ss * cc - sc * sc
    let (a, b) = ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant)
    var (signal, noise) = (0.0, 0.0)
    for (index, sample) in samples.enumerated() {
      let fitted = a * sin(step * Double(index)) + b * cos(step * Double(index))
      signal += fitted * fitted
      noise += (Double(sample) - fitted) * (Double(sample) - fitted)
    }
    amplitude = (a * a + b * b).squareRoot()
    signalToNoise = 10 * log10(signal / max(noise, 1e-30))
  }
}
