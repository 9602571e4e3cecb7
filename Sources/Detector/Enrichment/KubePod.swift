// SPDX-License-Identifier: Apache-2.0

internal import KubeClient

/// The API's pod, by a name of its own: EventModel's `Pod` is what an event carries.
typealias KubePod = Pod
