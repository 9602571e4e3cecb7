// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Which paths of an opened file a comparison knows.
public enum SymlinkReading: String, Sendable, CaseIterable {
    /// The path that was asked for and the one that the kernel found: it holds if either satisfies it, and its negation if neither does.
    case either
    /// The path that was asked for alone, as in Falco: a link is a disguise.
    case falco
}

/// The texts that fields give of an opened file, or of one that could not be opened, by one of its paths.
struct FileTexts {
    /// The path.
    let name: ByteView
    /// The path as given.
    let raw: ByteView
    let isDirectory: Bool
    let isOpened: Bool
    private var slash: Slash = .unread

    // Many events are asked for the name alone.
    private enum Slash {
        case unread, missing
        case at(Int)
    }

    /// Which of them a field gives.
    enum Part {
        case name, raw, directory, filename

        init?(_ field: Field) {
            let parts: [Field: Part] = [
                .descriptorName: .name, .descriptorRawName: .raw, .descriptorDirectory: .directory, .descriptorFilename: .filename,
            ]
            guard let part = parts[field] else { return nil }
            self = part
        }
    }

    init(name: ByteView, raw: ByteView, isDirectory: Bool, isOpened: Bool) {
        self.name = name
        self.raw = raw
        self.isDirectory = isDirectory
        self.isOpened = isOpened
    }

    @inline(__always)
    mutating func text(_ part: Part) -> ByteView? {
        switch part {
        case .name: name
        case .raw: raw
        case .directory: directory
        case .filename: filename
        }
    }

    /// The folder that the file is in; a directory itself. Nil for a file outside of all folders, such as a memfd.
    var directory: ByteView? {
        mutating get {
            guard !isDirectory else { return name }
            guard let slash = lastSlash else { return nil }
            guard slash > 0 else { return ByteView("/") }
            return slash < name.count - 1 ? name.slice(0, slash) : name
        }
    }

    /// The last part of the name; nil for a directory and when nothing was opened.
    var filename: ByteView? {
        mutating get {
            guard isOpened, !isDirectory else { return nil }
            return lastSlash.map { name.slice($0 + 1, name.count) } ?? name
        }
    }

    private var lastSlash: Int? {
        mutating get {
            switch slash {
            case .missing: return nil
            case .at(let place): return place
            case .unread:
                let found = name.lastSlash
                slash = found.map { .at($0) } ?? .missing
                return found
            }
        }
    }
}

/// Where the texts of the file are that the event at hand opened, and what is told of it: at one address, so that a look reads them
/// without a copy.
final class FileMemory {
    /// What is there.
    enum State { case nothing, noFile, open, texts }

    let open = UnsafeMutablePointer<Event.Open>.allocate(capacity: 1)
    let texts = UnsafeMutablePointer<FileTexts>.allocate(capacity: 1)
    /// The same by its other path.
    let otherTexts = UnsafeMutablePointer<FileTexts>.allocate(capacity: 1)

    init() {
        open.initialize(
            to: Event.Open(rawPath: .empty, path: .empty, flags: 0, mode: 0, directory: 0, fileType: 0, device: 0, inode: 0))
        for place in [texts, otherTexts] {
            place.initialize(to: FileTexts(name: .empty, raw: .empty, isDirectory: false, isOpened: false))
        }
    }

    deinit {
        open.deallocate()
        texts.deallocate()
        otherTexts.deallocate()
    }
}

extension FieldReader {
    /// The file's texts; nil for what is no open. Read once an event.
    mutating func fileTexts(_ event: Event) -> UnsafeMutablePointer<FileTexts>? { withUnsafePointer(to: event) { fileTexts(at: $0) } }

    /// The same without a copy of the event.
    @inline(__always)
    mutating func fileTexts(at event: UnsafePointer<Event>) -> UnsafeMutablePointer<FileTexts>? {
        if fileState == .nothing { readOpen(event) }
        if fileState == .open { readTexts(event) }
        return fileState == .texts ? file.texts : nil
    }

    /// Keeps what the event at hand opened.
    @inline(__always)
    mutating func keep(_ open: Event.Open) {
        file.open.pointee = open
        fileState = .open
    }

    private mutating func readOpen(_ event: UnsafePointer<Event>) {
        switch event.pointee.detail {
        case .open(let open): keep(open)
        case .exec, .fork, .exit, .connect, .call, .snapshot: fileState = .noFile
        }
    }

    /// Puts what the fields give of the file's other path in their place, and back.
    func swapFiles() { swap(&file.texts.pointee, &file.otherTexts.pointee) }

    private mutating func readTexts(_ event: UnsafePointer<Event>) {
        let open = file.open, isOpened = event.pointee.result >= 0
        let raw = open.pointee.rawPath, isDirectory = open.pointee.isDirectory
        let asked = askedPath(event)
        file.texts.pointee = FileTexts(name: asked, raw: raw, isDirectory: isDirectory, isOpened: isOpened)
        fileState = .texts
        guard symlinks == .either, let real = open.pointee.realPath, !real.isSame(asked), !real.equals(asked) else { return }
        file.otherTexts.pointee = FileTexts(name: real, raw: raw, isDirectory: isDirectory, isOpened: isOpened)
        hasOtherFile = true
    }

    // The kernel's paths are clean, so what equals one need not be cleaned: that is nearly every open.
    private func askedPath(_ event: UnsafePointer<Event>) -> ByteView {
        let open = file.open.pointee, raw = open.rawPath
        if raw.first == UInt8(ascii: "/") {
            if raw.equals(open.path) { return open.path }
            if raw.isCleanPath { return raw }
            name.clear()
        } else if let folder = open.startingFolder(of: event.pointee) {
            if open.path.is(raw, below: folder) { return open.path }
            name.clear()
            name.append(cleaned: folder)
        } else {
            if let real = open.realPath { return real }
            name.clear()
            name.append("<UNKNOWN>")
        }
        name.append(cleaned: raw)
        if name.count == 0 { name.append(UInt8(ascii: "/")) }
        return name.view
    }
}

extension Event.Open {
    /// Where a relative path begins; nil when that is not known.
    func startingFolder(of event: borrowing Event) -> ByteView? {
        guard directory != -100, event.kind != .open, event.kind != .creat else { return event.process?.cwd?.view }
        return Event.Descriptor(folder)?.path
    }
}

extension ByteView {
    /// True for the very same bytes, at one place.
    fileprivate func isSame(_ other: ByteView) -> Bool { raw.baseAddress == other.raw.baseAddress && count == other.count }

    /// True when this is that folder, a slash and that name.
    fileprivate func `is`(_ name: ByteView, below folder: ByteView) -> Bool {
        count == folder.count + 1 + name.count && starts(with: folder) && self[folder.count] == UInt8(ascii: "/") && ends(with: name)
    }
}
