// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Records

// The walk of an alert that came over the network: acknowledged between acceptance and answer.
extension ResponseLine {
    /// Step 8: takes alerts into the journal, all of them or none, in one commit. One that is there already is a duplicate: it is not to
    /// be answered.
    public func accept(_ alerts: [Alert]) async -> Result<[Journal.Acceptance], JournalError> {
        await written { () throws(JournalError) in try await self.parts.journal.accept(alerts, at: self.parts.now()) }
    }

    /// Steps 9 to 14, for one alert that `accept` took in under that number.
    public func answerAccepted(_ alert: Alert, _ id: EntryID) async {
        parts.reached(.accepted)
        await answer(AlertWork(alert, .success(id), at: parts.now()))
    }

    /// Writes to the journal, so that `journalTrouble` tells how things are now, also when no alert comes.
    public func tryJournal() async {
        let note = Proof("the journal could not be written, and now it can", readBack: ["trouble": .string(journalTrouble ?? "")])
        _ = await written { () throws(JournalError) in try await self.parts.journal.note(note, at: self.parts.now()) }
    }
}
