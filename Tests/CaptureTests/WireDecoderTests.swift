// SPDX-License-Identifier: Apache-2.0
import CProbe
import EventModel
import Testing

@testable import Capture

@Suite("Wire records")
struct WireDecoderTests {
    @Test("An empty record is too short")
    func empty() {
        var decoder = WireDecoder(wallClockOffset: 0)
        guard case .failure(let error) = decoder.decode(UnsafeRawBufferPointer(start: nil, count: 0)) else {
            Issue.record("decoded nothing")
            return
        }
        #expect(error.code == .tooShort)
    }
}
