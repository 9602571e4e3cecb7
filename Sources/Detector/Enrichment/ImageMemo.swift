// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The programs that were put in place last, each once: a command that runs again is the same object again. It is not copied then, and
/// the rules' memory of what holds for its processes finds them by that object.
///
/// Holds a bounded number, the newest of those that meet in one place, and none with long texts.
struct ImageMemo {
    private var kept: [ImageFacts?]

    private static let longest = 1_024

    /// Room for so many programs, a power of two.
    init(count: Int = 512) {
        precondition(count > 0 && count & (count - 1) == 0)
        kept = Array(repeating: nil, count: count)
    }

    /// The facts of an image.
    mutating func facts(name: ByteView, image: Event.Image) -> ImageFacts {
        guard image.exePath.count + image.argv.count + image.environment.count <= Self.longest else {
            return ImageFacts(name: name, image: image)
        }
        let hash = image.argv.hash64 &* 31 &+ image.exePath.hash64
        let place = Int(truncatingIfNeeded: hash ^ hash >> 32) & (kept.count - 1)
        if let known = kept[place], known.isOf(name, image) { return known }
        let facts = ImageFacts(name: name, image: image)
        kept[place] = facts
        return facts
    }
}

extension ImageFacts {
    fileprivate func isOf(_ name: ByteView, _ image: Event.Image) -> Bool {
        argv.view.equals(image.argv) && exePath.view.equals(image.exePath) && self.name.view.equals(name)
            && environment.view.equals(image.environment) && flags == image.flags
    }
}
