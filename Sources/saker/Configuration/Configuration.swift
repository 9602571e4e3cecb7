// SPDX-License-Identifier: Apache-2.0
import Delivery
import Detector
import Enrichment
import EventModel
import Guardrails
import RuleLanguage

/// What `saker.yaml` and `SAKER_*` say: the defaults here are the ones of a fresh install, which only rehearses.
struct Configuration: Sendable, Equatable {
    /// How alerts are printed on stdout.
    enum AlertFormat: String, Sendable, CaseIterable { case text, json, off }

    /// The file that it was read from; empty when there was none.
    var source = ""
    var mode = GuardrailSettings.Mode.rehearse
    var rules = ["/etc/saker/rules"]
    var responses = ["/etc/saker/responses"]
    var minimumPriority = Priority.debug
    var ruleMatching = RuleMatching.first
    var symlinks = SymlinkReading.either
    var node = ""
    var kubernetes = Kubernetes()
    var journal = "/var/lib/saker/journal.db"
    var results = "/var/lib/saker/results"
    var aws = AWS()
    var alerts = Alerts()
    var notify = Notify()
    var guardrails = Guardrails()
    var capture = Capture()
    var flights = Flights()
    var metadata = Metadata()
    var status = Status()
    var detect = Detect()
    var respond = Respond()

    struct Kubernetes: Sendable, Equatable {
        var enabled = true
        var kubeconfig = ""
        var context = ""
        var timeoutSeconds = 10
    }

    struct AWS: Sendable, Equatable {
        var region = ""
        var endpoint = ""
        var pathStyle = false
        var profile = ""
    }

    struct Alerts: Sendable, Equatable {
        var stdout = AlertFormat.text
        var file = ""
        var limits: [AlertLimit] = []
    }

    struct Notify: Sendable, Equatable {
        var minimumPriority = Priority.debug
        var slackURLFile = ""
        var webhookURL = ""
        var webhookSecretFile = ""
        var webhookTokenFile = ""
        var kubernetesEvents = false
    }

    struct Guardrails: Sendable, Equatable {
        var protectedNamespaces = ["kube-system", "kube-public", "kube-node-lease"]
        var budgetPerWorkload = 3
        var budgetPerCluster = 10
        var budgetWindowSeconds = 600
        var cooldownSeconds = 60
        var stopFile = "/run/saker/stop"
        var stopConfigMap = ""
        var protectedLabels: [String] = []
        var protectedNodes: [String] = []
        var protectsControlPlane = true
        var budgets: [Budget] = []
        var breakerErrors = 5
        var breakerPercent = 50
        var breakerWindowSeconds = 300
        var breakerPauseSeconds = 60
        var blastRadius = 50
        var approvalKinds: [ActKind] = []
        var approvalPeople = 1
        var approvalExpiresSeconds = 900
        var approvalOtherwise = ApprovalRule.Otherwise.skip
    }

    struct Capture: Sendable, Equatable {
        var ringMebibytes = 8
        var filter = KernelFiltering.on
    }

    struct Flights: Sendable, Equatable {
        var seconds = 0
        var folder = "/var/lib/saker/flights"
        var memoryMebibytes = 64
        var folderMebibytes = 1_024
    }

    struct Metadata: Sendable, Equatable {
        var runtimes = RuntimeSocket.standard
        var hostRoot = ""
        var waitMilliseconds = 100

        /// The sockets where they are on this machine.
        var sockets: [RuntimeSocket] { runtimes.map { $0.below(hostRoot) } }
    }

    struct Status: Sendable, Equatable {
        var socket = "/run/saker/status.sock"
        var listen = ""
    }

    struct Detect: Sendable, Equatable {
        var to = ""
        var spool = "/var/lib/saker/spool"
        var spoolMebibytes = 64
        var tokenFile = ""
        var certificate = ""
        var key = ""
        var authority = ""
    }

    struct Respond: Sendable, Equatable {
        var listen = "127.0.0.1:8443"
        var certificate = ""
        var key = ""
        var clientAuthority = ""
        var senders = ""
        var actWithinSeconds = 600
        var slackSecretFile = ""
        var approvalSecretFile = ""
    }
}
