// SPDX-License-Identifier: Apache-2.0

internal import SourceText

/// Rules about what Saker itself notices of an event: they are always in force, whatever is loaded, and each of their alerts comes beside
/// those of the loaded rules.
public enum OwnRules {
    /// A path was changed in the caller's memory while the kernel worked on it, so that nobody can say for sure which of the two was used.
    public static let race = rule(
        """
        - rule: "Saker: arguments changed during a call"
          desc: >
            A path that a system call was given was another one when the call began than when it returned. No ordinary program does that:
            it is done to make a watcher read another path than the kernel used. Look at both paths.
          condition: evt.race = true
          output: >
            The arguments of a call were changed while it ran (call=%evt.type result=%evt.res before=%evt.race.before after=%evt.args
            pod=%k8s.ns.name/%k8s.pod.name container=%container.id command=%proc.cmdline exe=%proc.exepath parent=%proc.pname
            user=%user.uid)
          priority: CRITICAL
          tags: [saker, host, container, mitre_defense_evasion, T1562.001]
          warn_evttypes: false
        """)

    private static func rule(_ text: String) -> Rule {
        guard let set = RuleLoader.load([SourceFile(name: "saker", text: text)]).ruleSet, let rule = set.rules.first else {
            preconditionFailure("a rule of our own does not load")
        }
        return rule
    }
}
