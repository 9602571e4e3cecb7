// SPDX-License-Identifier: Apache-2.0

/// The arguments that a case writes in one text.
enum ArgumentText {
    /// The words between blanks; what stands between two equal quotes, which must not be next to each other, is one word.
    static func words(_ text: String) -> [String] {
        text.matches(of: /"([^"]+)"|'([^']+)'|(\S+)/).map { String($0.1 ?? $0.2 ?? $0.3 ?? "") }
    }
}
