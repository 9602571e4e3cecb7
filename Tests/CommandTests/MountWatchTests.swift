// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@testable import saker

@Suite("ConfigMaps mounted as directories")
struct MountWatchTests {
    private let mount: MountedConfigMap

    init() throws { mount = try MountedConfigMap() }

    @Test("An exchange of the files is seen once, through a path to the directory or to a file in it", arguments: ["", "/a.yaml"])
    func exchange(suffix: String) throws {
        try mount.write(["a.yaml": "1"])
        var watch = MountWatch([mount.path + suffix])
        let before = watch.hasChanged()
        try mount.write(["a.yaml": "2"])
        let after = watch.hasChanged(), later = watch.hasChanged()
        #expect([before, after, later] == [false, true, false])
    }

    @Test("A directory that no kubelet fills is never news, nor is one that is not there")
    func plain() throws {
        var watch = MountWatch([mount.path, "/nowhere/at/all", ""])
        try "1".write(toFile: mount.path + "/b.yaml", atomically: true, encoding: .utf8)
        let isNews = watch.hasChanged()
        #expect(!isNews)
    }
}

/// A directory that is filled as the kubelet does: files in a directory of their own, `..data` pointing there, links through it.
final class MountedConfigMap {
    private let folder: TemporaryFolder
    private var count = 0

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.url.path }

    /// Exchanges all files at one stroke.
    func write(_ files: [String: String]) throws {
        count += 1
        let version = "..2026_01_31_12_00_00.\(count)"
        for (name, text) in files { try folder.write("\(version)/\(name)", text) }
        try FileManager.default.createSymbolicLink(atPath: path + "/..data_tmp", withDestinationPath: version)
        guard rename(path + "/..data_tmp", path + "/..data") == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        for name in files.keys where !FileManager.default.fileExists(atPath: path + "/" + name) {
            try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: "..data/" + name)
        }
    }
}
