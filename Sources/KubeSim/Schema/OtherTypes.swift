// SPDX-License-Identifier: Apache-2.0

// The notation is told at `SchemaReader`.
extension Schema {
    /// The types of the other groups, and of the metadata that all have.
    static let otherTypes = """
        # io.k8s.api.apps.v1
        DaemonSet metadata=1ObjectMeta spec=2DaemonSetSpec status=3DaemonSetStatus
        DaemonSetCondition type=1s status=2s lastTransitionTime=3t reason=4s message=5s
        DaemonSetSpec selector?=1LabelSelector template=2PodTemplateSpec updateStrategy=3DaemonSetUpdateStrategy minReadySeconds=4i
          revisionHistoryLimit?=6i
        DaemonSetStatus currentNumberScheduled=1i numberMisscheduled=2i desiredNumberScheduled=3i numberReady=4i observedGeneration=5i
          updatedNumberScheduled=6i numberAvailable=7i numberUnavailable=8i collisionCount?=9i conditions=10*DaemonSetCondition@type^type
        DaemonSetUpdateStrategy type=1s rollingUpdate?=2RollingUpdateDaemonSet
        Deployment metadata=1ObjectMeta spec=2DeploymentSpec status=3DeploymentStatus
        DeploymentCondition type=1s status=2s lastUpdateTime=6t lastTransitionTime=7t reason=4s message=5s
        DeploymentSpec replicas?=1i selector?=2LabelSelector template=3PodTemplateSpec strategy=4DeploymentStrategy minReadySeconds=5i
          revisionHistoryLimit?=6i paused=7b progressDeadlineSeconds?=9i
        DeploymentStatus observedGeneration=1i replicas=2i updatedReplicas=3i readyReplicas=7i availableReplicas=4i unavailableReplicas=5i
          terminatingReplicas?=9i conditions=6*DeploymentCondition@type^type collisionCount?=8i
        DeploymentStrategy type=1s rollingUpdate?=2RollingUpdateDeployment
        ReplicaSet metadata=1ObjectMeta spec=2ReplicaSetSpec status=3ReplicaSetStatus
        ReplicaSetCondition type=1s status=2s lastTransitionTime=3t reason=4s message=5s
        ReplicaSetSpec replicas?=1i minReadySeconds=4i selector?=2LabelSelector template=3PodTemplateSpec
        ReplicaSetStatus replicas=1i fullyLabeledReplicas=2i readyReplicas=4i availableReplicas=5i terminatingReplicas?=7i
          observedGeneration=3i conditions=6*ReplicaSetCondition@type^type
        RollingUpdateDaemonSet maxUnavailable?=1x maxSurge?=2x
        RollingUpdateDeployment maxUnavailable?=1x maxSurge?=2x
        RollingUpdateStatefulSetStrategy partition?=1i maxUnavailable?=2x
        StatefulSet metadata=1ObjectMeta spec=2StatefulSetSpec status=3StatefulSetStatus
        StatefulSetCondition type=1s status=2s lastTransitionTime=3t reason=4s message=5s
        StatefulSetOrdinals start=1i
        StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=1s whenScaled=2s
        StatefulSetSpec replicas?=1i selector?=2LabelSelector template=3PodTemplateSpec volumeClaimTemplates=4*PersistentVolumeClaim
          serviceName=5s podManagementPolicy=6s updateStrategy=7StatefulSetUpdateStrategy revisionHistoryLimit?=8i minReadySeconds=9i
          persistentVolumeClaimRetentionPolicy?=10StatefulSetPersistentVolumeClaimRetentionPolicy ordinals?=11StatefulSetOrdinals
        StatefulSetStatus observedGeneration=1i replicas=2i readyReplicas=3i currentReplicas=4i updatedReplicas=5i currentRevision=6s
          updateRevision=7s collisionCount?=9i conditions=10*StatefulSetCondition@type^type availableReplicas=11i
        StatefulSetUpdateStrategy type=1s rollingUpdate?=2RollingUpdateStatefulSetStrategy
        # io.k8s.api.networking.v1
        IPBlock cidr=1s except=2*s
        NetworkPolicy metadata=1ObjectMeta spec=2NetworkPolicySpec
        NetworkPolicyEgressRule ports=1*NetworkPolicyPort to=2*NetworkPolicyPeer
        NetworkPolicyIngressRule ports=1*NetworkPolicyPort from=2*NetworkPolicyPeer
        NetworkPolicyPeer podSelector?=1LabelSelector namespaceSelector?=2LabelSelector ipBlock?=3IPBlock
        NetworkPolicyPort protocol?=1s port?=2x endPort?=3i
        NetworkPolicySpec podSelector=1LabelSelector ingress=2*NetworkPolicyIngressRule egress=3*NetworkPolicyEgressRule policyTypes=4*s
        # io.k8s.api.coordination.v1
        Lease metadata=1ObjectMeta spec=2LeaseSpec
        LeaseSpec holderIdentity?=1s leaseDurationSeconds?=2i acquireTime?=3u renewTime?=4u leaseTransitions?=5i strategy?=6s
          preferredHolder?=7s
        # io.k8s.api.scheduling.v1
        PriorityClass metadata=1ObjectMeta value=2i globalDefault=3b description=4s preemptionPolicy?=5s
        # io.k8s.api.policy.v1
        Eviction metadata=1ObjectMeta deleteOptions?=2DeleteOptions
        PodDisruptionBudget metadata=1ObjectMeta spec=2PodDisruptionBudgetSpec status=3PodDisruptionBudgetStatus
        PodDisruptionBudgetSpec minAvailable?=1x selector?=2LabelSelector maxUnavailable?=3x unhealthyPodEvictionPolicy?=4s
        PodDisruptionBudgetStatus observedGeneration=1i disruptedPods=2%t disruptionsAllowed=3i currentHealthy=4i desiredHealthy=5i
          expectedPods=6i conditions=7*Condition@type^type
        # io.k8s.api.rbac.v1
        AggregationRule clusterRoleSelectors=1*LabelSelector
        ClusterRole metadata=1ObjectMeta rules=2*PolicyRule aggregationRule?=3AggregationRule
        ClusterRoleBinding metadata=1ObjectMeta subjects=2*Subject roleRef=3RoleRef
        PolicyRule verbs=1*s apiGroups=2*s resources=3*s resourceNames=4*s nonResourceURLs=5*s
        Role metadata=1ObjectMeta rules=2*PolicyRule
        RoleBinding metadata=1ObjectMeta subjects=2*Subject roleRef=3RoleRef
        RoleRef! apiGroup=1s kind=2s name=3s
        Subject! kind=1s apiGroup=2s name=3s namespace=4s
        # io.k8s.api.events.v1
        GroupedEvent metadata=1ObjectMeta eventTime=2u series?=3GroupedEventSeries reportingController=4s reportingInstance=5s action=6s
          reason=7s regarding=8ObjectReference related?=9ObjectReference note=10s type=11s deprecatedSource=12EventSource
          deprecatedFirstTimestamp=13t deprecatedLastTimestamp=14t deprecatedCount=15i
        GroupedEventSeries count=1i lastObservedTime=2u
        # io.k8s.api.autoscaling.v1
        Scale metadata=1ObjectMeta spec=2ScaleSpec status=3ScaleStatus
        ScaleSpec replicas=1i
        ScaleStatus replicas=1i selector=2s
        # io.k8s.api.authentication.v1
        BoundObjectReference kind=1s apiVersion=2s name=3s uid=4s
        SelfSubjectReview metadata=1ObjectMeta status=2SelfSubjectReviewStatus
        SelfSubjectReviewStatus userInfo=1UserInfo
        TokenRequest metadata=1ObjectMeta spec=2TokenRequestSpec status=3TokenRequestStatus
        TokenRequestSpec audiences=1*s expirationSeconds?=4i boundObjectRef?=3BoundObjectReference attestations=5%*s
        TokenRequestStatus token=1s expirationTimestamp=2t
        TokenReview metadata=1ObjectMeta spec=2TokenReviewSpec status=3TokenReviewStatus
        TokenReviewSpec token=1s audiences=2*s
        TokenReviewStatus authenticated=1b user=2UserInfo audiences=4*s error=3s
        UserInfo username=1s uid=2s groups=3*s extra=4%*s
        # io.k8s.api.authorization.v1
        FieldSelectorAttributes rawSelector=1s requirements=2*FieldSelectorRequirement
        LabelSelectorAttributes rawSelector=1s requirements=2*LabelSelectorRequirement
        LocalSubjectAccessReview metadata=1ObjectMeta spec=2SubjectAccessReviewSpec status=3SubjectAccessReviewStatus
        NonResourceAttributes path=1s verb=2s
        NonResourceRule verbs=1*s nonResourceURLs=2*s
        ResourceAttributes namespace=1s verb=2s group=3s version=4s resource=5s subresource=6s name=7s
          fieldSelector?=8FieldSelectorAttributes labelSelector?=9LabelSelectorAttributes
        ResourceRule verbs=1*s apiGroups=2*s resources=3*s resourceNames=4*s
        SelfSubjectAccessReview metadata=1ObjectMeta spec=2SelfSubjectAccessReviewSpec status=3SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec resourceAttributes?=1ResourceAttributes nonResourceAttributes?=2NonResourceAttributes
        SelfSubjectRulesReview metadata=1ObjectMeta spec=2SelfSubjectRulesReviewSpec status=3SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec namespace=1s
        SubjectAccessReview metadata=1ObjectMeta spec=2SubjectAccessReviewSpec status=3SubjectAccessReviewStatus
        SubjectAccessReviewSpec resourceAttributes?=1ResourceAttributes nonResourceAttributes?=2NonResourceAttributes user=3s groups=4*s
          extra=5%*s uid=6s
        SubjectAccessReviewStatus allowed=1b denied=4b reason=2s evaluationError=3s
        SubjectRulesReviewStatus resourceRules=1*ResourceRule nonResourceRules=2*NonResourceRule incomplete=3b evaluationError=4s
        # io.cilium.v2
        CiliumNetworkPolicy metadata=1ObjectMeta spec=2r
        # org.projectcalico.v3
        CalicoNetworkPolicy metadata=1ObjectMeta spec=2r
        # io.k8s.apimachinery.pkg.apis.meta.v1
        Condition type=1s status=2s observedGeneration=3i lastTransitionTime=4t reason=5s message=6s
        DeleteOptions gracePeriodSeconds?=1i preconditions?=2Preconditions orphanDependents?=3b propagationPolicy?=4s dryRun=5*s
          ignoreStoreReadErrorWithClusterBreakingPotential?=6b
        FieldSelectorRequirement key=1s operator=2s values=3*s
        LabelSelector! matchLabels=1%s matchExpressions=2*LabelSelectorRequirement
        LabelSelectorRequirement key=1s operator=2s values=3*s
        ManagedFieldsEntry manager=1s operation=2s apiVersion=3s time?=4t fieldsType=6s fieldsV1?=7r subresource=8s
        ObjectMeta name=1s generateName=2s namespace=3s selfLink=4s uid=5s resourceVersion=6s generation=7i creationTimestamp=8t
          deletionTimestamp?=9t deletionGracePeriodSeconds?=10i labels=11%s annotations=12%s ownerReferences=13*OwnerReference@uid^uid
          finalizers=14*s@^ managedFields=17*ManagedFieldsEntry
        OwnerReference! apiVersion=5s kind=1s name=3s uid=4s controller?=6b blockOwnerDeletion?=7b
        Preconditions uid?=1s resourceVersion?=2s
        """
}
