// SPDX-License-Identifier: Apache-2.0
import SourceText

/// Rules as a user adds them for programs of their own: the shapes of the upstream rules with other names, paths and lists.
enum GrownRules {
    static func file(count: Int) -> SourceFile {
        SourceFile(name: "grown.yaml", text: (0..<count).map { lists($0) + rule($0) }.joined())
    }

    private static func lists(_ number: Int) -> String {
        """
        - list: app\(number)_binaries
          items: [app\(number)d, app\(number)ctl, app\(number)-worker]
        - list: app\(number)_files
          items: [/etc/app\(number)/secret.key, /etc/app\(number)/token, /srv/app\(number)/users.db]

        """
    }

    private static func rule(_ number: Int) -> String {
        let shape = shapes[number % shapes.count].replacing("@", with: "\(number)")
        return """
            - rule: Grown rule \(number)
              desc: one of a user's own
              condition: >
                \(shape)
              output: "%proc.name %fd.name"
              priority: NOTICE

            """
    }

    private static let opened = "evt.type in (open, openat, openat2) and fd.typechar='f' and fd.num>=0"
    private static let ran = "evt.type in (execve, execveat) and evt.rawres >= 0"

    private static let shapes = [
        "\(opened) and evt.is_open_write=true and fd.name startswith /srv/app@/ and not proc.name in (app@_binaries)",
        "\(opened) and evt.is_open_read=true and fd.name in (app@_files) and not proc.name in (app@_binaries)",
        "\(ran) and proc.name in (app@_binaries) and not proc.pname in (systemd, supervisor@)",
        "\(ran) and proc.cmdline contains \"--token@=\" and not proc.aname in (app@_binaries)",
        "evt.type=connect and fd.sport in (1@, 2@) and not proc.name in (app@_binaries)".replacing("1@, 2@", with: "8080, 9090"),
        "\(opened) and evt.is_open_write=true and fd.directory in (/opt/app@/bin, /opt/app@/lib) and container.id != host",
        "\(opened) and evt.is_open_read=true and (fd.name endswith .app@ or fd.name contains /app@/private/) and not proc.pname = app@d",
        "\(ran) and proc.exepath startswith /opt/vendor@/ and (proc.args contains \" -x@\" or proc.pcmdline endswith .sh@)",
        "\(opened) and evt.is_open_write=true and fd.name pmatch (/data/app@, /backup/app@) and not (proc.name = app@d and "
            + "fd.name startswith /data/app@/tmp)",
        "\(opened) and evt.is_open_read=true and proc.name = app@d and not fd.name startswith /usr and not fd.name startswith /srv/app@",
    ]
}
