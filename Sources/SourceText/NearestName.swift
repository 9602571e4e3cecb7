// SPDX-License-Identifier: Apache-2.0

/// Finds the name that a person probably meant.
public enum NearestName {
    /// The candidate with the least edit distance, if that is small against the word's length; ties go to the first in order.
    public static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
        // Nobody means another name by a text of that length, and comparing it with many would take long.
        guard word.utf8.count <= 100 else { return nil }
        let limit = max(1, word.count / 3)
        let scored = candidates.map { ($0, distance(Array(word.utf8), Array($0.utf8), limit: limit)) }
        // A name of which every letter differs is not near, however short it is.
        return scored.filter { $0.1 <= limit && $0.1 < max(word.utf8.count, $0.0.utf8.count) }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// " (did you mean 'x'?)" for the nearest name, or nothing.
    public static func hint(_ word: String, among candidates: some Sequence<String>) -> String {
        of(word, among: candidates).map { " (did you mean '\($0)'?)" } ?? ""
    }

    // Levenshtein's distance by rows; gives up with limit + 1 when the lengths alone are too far apart.
    private static func distance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
        guard abs(a.count - b.count) <= limit else { return limit + 1 }
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
