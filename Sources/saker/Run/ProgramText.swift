// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// What of this program and its libraries lies in memory as it is in their files: code, and the tables by which a start links them.
enum ProgramText {
    /// Gives back what only the start has needed, at once and again when the first work is done; returns then, or when cancelled. What is
    /// needed later comes back from the file, most often out of the cache that it still is in.
    ///
    /// The start walks through much of the program, and the kernel maps sixteen pages for each that is touched. Of 24 MiB of code
    /// that were mapped then, load touched 3 MiB again (`Referenced` in /proc/PID/smaps).
    static func forgetStart() async {
        forget()
        guard (try? await Task.sleep(for: .seconds(10))) != nil else { return }
        forget()
    }

    private static func forget() {
        guard let file = FileHandle(forReadingAtPath: "/proc/self/maps"), let maps = try? file.readToEnd() else { return }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let (start, length) = unwritten(String(decoding: line, as: UTF8.self)) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: start), length, MADV_DONTNEED)
        }
    }

    /// Where a file is mapped that was never written to: `ADDRESS-ADDRESS r-xp OFFSET DEVICE INODE PATH`. Nil for other lines: what can
    /// only be read now may hold addresses that were relocated before, but for a file's first part.
    private static func unwritten(_ line: String) -> (start: UInt, length: Int)? {
        let words = line.split(separator: " ")
        guard words.count >= 6, words[5].hasPrefix("/") else { return nil }
        guard words[1] == "r-xp" || words[1] == "r--p" && words[2] == "00000000" else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 ? (ends[0], Int(ends[1] - ends[0])) : nil
    }
}
