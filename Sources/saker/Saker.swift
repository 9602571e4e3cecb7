// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

@main
struct Saker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saker",
        abstract: "Detects attacks on Linux and Kubernetes with eBPF, and answers them with guarded, reversible actions.",
        discussion: """
            Rules are Falco's, playbooks are Falco Talon's; both are read unchanged.
            A fresh install rehearses: nothing is changed until saker.yaml says `mode: act`.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, DetectCommand.self, RespondCommand.self, DoctorCommand.self, SelftestCommand.self, TopCommand.self,
            HistoryCommand.self, UndoCommand.self, PendingCommand.self, ApproveCommand.self, DenyCommand.self,
            StopActionsCommand.self, ResumeActionsCommand.self, RehearseCommand.self, RecordCommand.self, ReplayCommand.self,
            RulesCommand.self, FieldsCommand.self, ResponsesCommand.self, RbacCommand.self, DemoCommand.self,
        ]
    )
}
