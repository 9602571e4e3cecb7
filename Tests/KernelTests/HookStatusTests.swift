// SPDX-License-Identifier: Apache-2.0
import Capture
import Glibc
import Testing

@Suite("Hooks are tried, not guessed", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct HookStatusTests {
    /// Debian builds its kernels with every hook and boots them with all of its security modules.
    static let isDebianKernel: Bool = {
        var name = utsname()
        guard uname(&name) == 0 else { return false }
        return withUnsafeBytes(of: &name.version) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }.contains("Debian")
    }()

    private func tried() -> [HookStatus] { HookStatus.Kind.allCases.map(HookStatus.init(trying:)) }

    @Test("Debian's kernel offers every hook; another may refuse one, and its word for why is kept")
    func offered() {
        for hook in tried() {
            switch hook.state {
            case .works: break
            case .neverAsked: #expect(!Self.isDebianKernel && hook.kind == .security)
            case .refused(let reason): #expect(!Self.isDebianKernel && !reason.isEmpty, "\(hook.kind.rawValue): \(reason)")
            }
        }
    }

    @Test("What was tried leaves no descriptor behind, so nothing attached")
    func released() {
        let before = openDescriptors()
        #expect(tried().count == 2 && openDescriptors() == before)
    }

    private func openDescriptors() -> [Int32] { (0..<1024).filter { fcntl($0, F_GETFD) >= 0 } }

    @Test("Without capabilities every hook is refused, in the kernel's word")
    func withoutCapabilities() {
        let states = OnThread.run { OnThread.dropCapabilities() ? tried().map(\.state) : [] }
        #expect(states == [.refused(reason: "Operation not permitted"), .refused(reason: "Operation not permitted")])
    }
}
