// SPDX-License-Identifier: Apache-2.0
internal import Foundation
import Glibc

/// What kept a runtime from running here, in a sentence.
public struct RuntimeMissing: Error, CustomStringConvertible {
    public let description: String
}

/// A directory, and cgroups of one name, for all that a runtime makes; both are removed at the end.
public final class RuntimeScratch: Sendable {
    /// The directory; its path is short, since sockets lie in it.
    public let path: String
    /// A cgroup of the tests' own, as runtimes name it.
    public let cgroup: String
    /// The image that `makeImage` makes.
    public static let image = "localhost/saker-test:one"

    /// Makes the directory. Throws when this machine cannot run containers.
    public init(needs programs: [String]) throws {
        guard geteuid() == 0 else { throw RuntimeMissing(description: "only root can run containers: run the tests with sudo") }
        for program in programs + ["/bin/busybox", "/usr/sbin/runc"] where access(program, X_OK) != 0 {
            throw RuntimeMissing(description: "there is no \(program): run scripts/setup-tests")
        }
        let name = "saker-" + UUID().uuidString.prefix(8).lowercased()
        path = "/tmp/" + name
        cgroup = "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// Removes everything. The processes must have ended.
    public func remove() {
        // A root file system that is still mounted must not be walked into.
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n").reversed() {
            let target = String(line.split(separator: " ")[1])
            if target.hasPrefix(path + "/") { umount2(target, Int32(MNT_DETACH)) }
        }
        let tops = "/sys/fs/cgroup\(cgroup) /sys/fs/cgroup/*\(cgroup)"
        // A cgroup can be removed some time after its last process has ended.
        for _ in 0..<20 {
            let left = try? shell("for top in \(tops); do find $top -depth -type d -exec rmdir {} \\;; done 2>&-; ls -d \(tops) 2>&- || :")
            if left?.isEmpty ?? true { break }
            usleep(100_000)
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file into the directory.
    public func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
    }

    /// An image of busybox alone, as an archive that any runtime reads.
    public func makeImage() throws -> String {
        try shell(
            """
            set -e; mkdir -p \(path)/fs/bin; cd \(path)
            cp /bin/busybox fs/bin/busybox; for name in sh true sleep cat; do ln -s busybox fs/bin/$name; done
            tar -C fs -cf layer.tar .
            sum=$(sha256sum layer.tar | cut -c 1-64)
            config='"config":{"Env":["PATH=/bin"],"Cmd":["/bin/sleep","1000"]}'
            layers='"rootfs":{"type":"layers","diff_ids":["sha256:'$sum'"]}'
            printf '{"architecture":"amd64","os":"linux",%s,%s}' "$config" "$layers" >config.json
            printf '[{"Config":"config.json","RepoTags":["\(Self.image)"],"Layers":["layer.tar"]}]' >manifest.json
            tar -cf image.tar manifest.json config.json layer.tar
            """)
        return path + "/image.tar"
    }

    /// Runs a script and returns what it printed; throws with its complaint when it fails.
    @discardableResult
    public func shell(_ script: String, environment: [String: String] = [:]) throws -> String {
        // Files, not pipes: a container that goes on running keeps them open.
        let output = path + "/output-" + UUID().uuidString, log = output + ".log"
        let process = try SpawnedProcess(["/bin/sh", "-c", script], environment: all(environment), output: output, log: log)
        let isFine = process.wait()
        let told = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard isFine else {
            let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw RuntimeMissing(description: "a script failed: \(words.suffix(1_000))")
        }
        return told.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a program that goes on running, its output in a file of that name, and waits until `isReady`.
    func start(_ words: [String], environment: [String: String] = [:], until isReady: () -> Bool) throws -> SpawnedProcess {
        let log = path + "/service.log"
        let process = try SpawnedProcess(words, environment: all(environment), output: log, log: log)
        let deadline = Date(timeIntervalSinceNow: 20)
        while !isReady() {
            guard process.isRunning, Date() < deadline else {
                process.end()
                let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                throw RuntimeMissing(description: "\(words[0]) does not answer: \(said.suffix(1_000))")
            }
            usleep(20_000)
        }
        return process
    }

    private func all(_ environment: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment.merging(environment) { $1 }
    }
}
