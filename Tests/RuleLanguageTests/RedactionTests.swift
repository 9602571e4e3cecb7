// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RuleLanguage

@Suite("A redaction") struct RedactionTests {
    @Test(
        "masks secrets in a command line, and nothing else",
        arguments: [
            ("mysql -u root --password=hunter2 db", "mysql -u root --password=*** db"),
            ("mysql --password hunter2 db", "mysql --password *** db"),
            ("vault login -token s.123", "vault login -token ***"),
            ("env AWS_SECRET_ACCESS_KEY=abc/def AWS_REGION=eu", "env AWS_SECRET_ACCESS_KEY=*** AWS_REGION=eu"),
            ("env GITHUB_TOKEN=ghp_1 x", "env GITHUB_TOKEN=*** x"),
            ("curl -H Authorization: Bearer abc.def https://x", "curl -H Authorization: Bearer *** https://x"),
            ("curl -H X-Api-Key: abc https://x", "curl -H X-Api-Key: *** https://x"),
            ("curl --user me:secret https://x", "curl --user me:*** https://x"),
            ("docker run --user 1000 app", "docker run --user 1000 app"),
            ("psql postgres://app:pw@db:5432/x?y=1", "psql postgres://app:***@db:5432/x?y=1"),
            ("git clone https://github.com/a/b", "git clone https://github.com/a/b"),
            ("cat /etc/passwd", "cat /etc/passwd"),
            ("ls --passwords", "ls --passwords"),
            ("sh -c id", "sh -c id"),
            ("--password=", "--password="),
            ("", ""),
        ])
    func commandLine(_ text: String, _ expected: String) {
        #expect(Redaction.standard.apply(toCommandLine: text) == expected)
        #expect(Redaction.none.apply(toCommandLine: text) == text)
    }

    @Test(
        "keeps paths of an environment and masks the rest",
        arguments: [
            ("LD_PRELOAD", "/tmp/x.so", "/tmp/x.so"), ("PATH", "/bin", "/bin"), ("API_TOKEN", "x", "***"),
            ("HTTP_PROXY", "http://me:pw@proxy", "***"),
        ])
    func variable(_ name: String, _ value: String, _ expected: String) {
        #expect(Redaction.standard.apply(toVariable: name, value: value) == expected)
    }
}
