/// Certificates and keys for xmpp.test that are worth nothing elsewhere, written down since their times matter: openssl(1)
/// makes none that begin or end on a given day without a directory of its own.
///
/// ECDSA with P-256 where nothing else is said, by one authority, valid from 2020 to 2120.
package struct TestCertificate: Sendable {
  /// PEM.
  package let certificate: String
  package let key: String

  package static let good = TestCertificate(certificate: PEM.good, key: PEM.key)
  /// For other.test and *.other.test.
  package static let otherName = TestCertificate(certificate: PEM.otherName, key: PEM.key)
  /// In 2021.
  package static let expired = TestCertificate(certificate: PEM.expired, key: PEM.key)
  /// Before 2110.
  package static let notYetValid = TestCertificate(certificate: PEM.notYetValid, key: PEM.key)
  package static let selfSigned = TestCertificate(certificate: PEM.selfSigned, key: PEM.key)
  package static let ed25519 = TestCertificate(certificate: PEM.ed25519, key: PEM.ed25519Key)
  package static let p521 = TestCertificate(certificate: PEM.p521, key: PEM.p521Key)

  /// Who signed all but one.
  package static let authority = PEM.authority

  private enum PEM {
    static let authority = """
      -----BEGIN CERTIFICATE-----
      MIIBNzCB3qADAgECAgECMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBIxEDAOBgNVBAMMB3Rl
      c3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS8L8Wa7e6L1vJ9EY/Oj4F4
      Yx80b2aN50aQiAOylokCOTUtLcnicvFzjJmRflWYcEaqYiEvatOusrqVfyQCm+Zh
      oyMwITAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAKBggqhkjOPQQD
      AgNIADBFAiEA+xkcvWdnFt5RPNersPtMLof9r2KapZ3GoM7nRCKqs4ICIAS6jVNR
      ExuCBaFBgNCtrVhNSxy8JEtmgQ0kEaKj4vTR
      -----END CERTIFICATE-----
      """

    static let good = """
      -----BEGIN CERTIFICATE-----
      MIIBOzCB46ADAgECAgEDMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXht
      cHAudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPYNRtgkyKsrzHvSOkMp
      NwgHHzLGWfw3aRsf5z9CuVyYgIwKvDR6LByLEPLF7ltbgOR0Kg+0L9OT9L0uTMQ8
      tb2jJjAkMAwGA1UdEwEB/wQCMAAwFAYDVR0RBA0wC4IJeG1wcC50ZXN0MAoGCCqG
      SM49BAMCA0cAMEQCIHnMv0TGVVYtzVYprvfAlI5K6Ws7O04sHto9ubWW+gCEAiAy
      Q0uOobH5e/KCVrAKVlhv8oDRJLTgVlTHRR0FeELB+Q==
      -----END CERTIFICATE-----
      """

    static let otherName = """
      -----BEGIN CERTIFICATE-----
      MIIBTDCB86ADAgECAgEEMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMMCm90
      aGVyLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT2DUbYJMirK8x70jpD
      KTcIBx8yxln8N2kbH+c/QrlcmICMCrw0eiwcixDyxe5bW4DkdCoPtC/Tk/S9LkzE
      PLW9ozUwMzAMBgNVHRMBAf8EAjAAMCMGA1UdEQQcMBqCCm90aGVyLnRlc3SCDCou
      b3RoZXIudGVzdDAKBggqhkjOPQQDAgNIADBFAiEA0mOwbJ0iMU/uaxXT75qXnZsA
      S8dwOJkC5SbRDVK4PIACIDI6/uska+Hjn7epaa2uK5WMxSzqig3jKKnil8aPBwPl
      -----END CERTIFICATE-----
      """

    static let expired = """
      -----BEGIN CERTIFICATE-----
      MIIBOjCB4aADAgECAgEFMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      HhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAl4bXBw
      LnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT2DUbYJMirK8x70jpDKTcI
      Bx8yxln8N2kbH+c/QrlcmICMCrw0eiwcixDyxe5bW4DkdCoPtC/Tk/S9LkzEPLW9
      oyYwJDAMBgNVHRMBAf8EAjAAMBQGA1UdEQQNMAuCCXhtcHAudGVzdDAKBggqhkjO
      PQQDAgNIADBFAiEAmvyIDDMX32WTFwR5qa0gxrEi9F0q1ZiRyuM0wOI8chkCIFMN
      NtBz8F16CI1lR3trfzNCKg4L6nRJ71dJU5vorAIw
      -----END CERTIFICATE-----
      """

    static let notYetValid = """
      -----BEGIN CERTIFICATE-----
      MIIBPjCB5aADAgECAgEGMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      IhgPMjExMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
      eG1wcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9g1G2CTIqyvMe9I6
      Qyk3CAcfMsZZ/DdpGx/nP0K5XJiAjAq8NHosHIsQ8sXuW1uA5HQqD7Qv05P0vS5M
      xDy1vaMmMCQwDAYDVR0TAQH/BAIwADAUBgNVHREEDTALggl4bXBwLnRlc3QwCgYI
      KoZIzj0EAwIDSAAwRQIgZ6A2jY0dg3AwcalHfijX/czNbQ3zGi8hZPebgYD7RbkC
      IQD5DfzRg9rUY/SjyJ30LFBV9RmaoEHXTAbbJ7SiEYNBBA==
      -----END CERTIFICATE-----
      """

    static let selfSigned = """
      -----BEGIN CERTIFICATE-----
      MIIBPjCB5aADAgECAgEHMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCXhtcHAudGVz
      dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
      eG1wcC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9g1G2CTIqyvMe9I6
      Qyk3CAcfMsZZ/DdpGx/nP0K5XJiAjAq8NHosHIsQ8sXuW1uA5HQqD7Qv05P0vS5M
      xDy1vaMmMCQwDAYDVR0TAQH/BAIwADAUBgNVHREEDTALggl4bXBwLnRlc3QwCgYI
      KoZIzj0EAwIDSAAwRQIhAKiddtVlGTcpdyqGrkeQiXzhl56RQuPSHsRcdFKkyRwl
      AiALhiRNtgIXETvlAdqImUfb+A67DK3xJEYu3mjI9Bvu5w==
      -----END CERTIFICATE-----
      """

    static let ed25519 = """
      -----BEGIN CERTIFICATE-----
      MIIBDDCBtKADAgECAgEIMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB3Rlc3QgQ0Ew
      IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXht
      cHAudGVzdDAqMAUGAytlcAMhAPIR0cjgSGfNvHDUu10ITo6uPl7GhnLsmrZE+Kb/
      MJg2oyYwJDAMBgNVHRMBAf8EAjAAMBQGA1UdEQQNMAuCCXhtcHAudGVzdDAKBggq
      hkjOPQQDAgNHADBEAiAXh1BYs/pujMYOgyD7xFzCUaXSE+adMcV8JLocDVFATQIg
      dlFfObR2Nv0XuVq8IetBE7rbTF3CJbAQ//Z45alSydg=
      -----END CERTIFICATE-----
      """

    static let p521 = """
      -----BEGIN CERTIFICATE-----
      MIIBgDCCASagAwIBAgIBCTAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAd0ZXN0IENB
      MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAl4
      bXBwLnRlc3QwgZswEAYHKoZIzj0CAQYFK4EEACMDgYYABAGuIRPEdcdsE1LVLsIT
      TFJafnqnZH/luFQTZ7d6a/hhQb4W86JfEp2gzsrkhY8gF8QU1SIPul1jCmF7rLO8
      prdk0gAK6LLjzmOt7BKF/hpSKcB0VNoTL7RTPmukUDl6ztlzC9eORvA0qaoUKwWY
      1gtvhUd1hktCm7wOw3A9M+9DMbJCNKMmMCQwDAYDVR0TAQH/BAIwADAUBgNVHREE
      DTALggl4bXBwLnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIhAMacjd2KQlqirlj+ZbCl
      xfcE8kC/wZw7FykWGsschwD7AiBvDKyLAsDg6QTmLmnr9ioaSlRQOEBWT8eIRe/F
      dsU7vw==
      -----END CERTIFICATE-----
      """

    static let key = """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBXn4DurMTqVPiR3c
      6ueqEbWyFt3TegyUMdE1cd+akQyhRANCAAT2DUbYJMirK8x70jpDKTcIBx8yxln8
      N2kbH+c/QrlcmICMCrw0eiwcixDyxe5bW4DkdCoPtC/Tk/S9LkzEPLW9
      -----END PRIVATE KEY-----
      """

    static let ed25519Key = """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEIOZWurLyBkVJpcE1niP2Guz/iPf2KS6hZfByBFfRkQsE
      -----END PRIVATE KEY-----
      """

    static let p521Key = """
      -----BEGIN PRIVATE KEY-----
      MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIA+PTIjwmYJCsOVIrx
      WtMILZaAvqKQ8C26xyg2S76teBXL7KWhmwfLx/LYDWOCU4e0Xx3f/l7egtix6BzP
      cWvSQ++hgYkDgYYABAGuIRPEdcdsE1LVLsITTFJafnqnZH/luFQTZ7d6a/hhQb4W
      86JfEp2gzsrkhY8gF8QU1SIPul1jCmF7rLO8prdk0gAK6LLjzmOt7BKF/hpSKcB0
      VNoTL7RTPmukUDl6ztlzC9eORvA0qaoUKwWY1gtvhUd1hktCm7wOw3A9M+9DMbJC
      NA==
      -----END PRIVATE KEY-----
      """
  }
}
