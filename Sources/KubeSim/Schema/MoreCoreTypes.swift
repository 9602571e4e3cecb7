// SPDX-License-Identifier: Apache-2.0

// The notation is told at `SchemaReader`.
extension Schema {
    /// The types of the core group, from N to Z.
    static let moreCoreTypes = """
        # io.k8s.api.core.v1
        NFSVolumeSource server=1s path=2s readOnly=3b
        Namespace metadata=1ObjectMeta spec=2NamespaceSpec status=3NamespaceStatus
        NamespaceCondition type=1s status=2s lastTransitionTime=4t reason=5s message=6s
        NamespaceSpec finalizers=1*s
        NamespaceStatus phase=1s conditions=2*NamespaceCondition@type^type
        Node metadata=1ObjectMeta spec=2NodeSpec status=3NodeStatus
        NodeAddress type=1s address=2s
        NodeAffinity requiredDuringSchedulingIgnoredDuringExecution?=1NodeSelector
          preferredDuringSchedulingIgnoredDuringExecution=2*PreferredSchedulingTerm
        NodeAllocatableMappedResources name=1s quantity?=2q
        NodeAllocatableOverheadResources name=1s perPod?=2q perContainer?=3q
        NodeAllocatableResourceClaimStatus resourceClaimName=1s containers=2*s@ mapping=4*NodeAllocatableMappedResources@name^name
          overhead=5*NodeAllocatableOverheadResources@name^name
        NodeCondition type=1s status=2s lastHeartbeatTime=3t lastTransitionTime=4t reason=5s message=6s
        NodeConfigSource configMap?=2ConfigMapNodeConfigSource
        NodeConfigStatus assigned?=1NodeConfigSource active?=2NodeConfigSource lastKnownGood?=3NodeConfigSource error=4s
        NodeDaemonEndpoints kubeletEndpoint=1DaemonEndpoint
        NodeFeatures supplementalGroupsPolicy?=1b
        NodePodPreemptionPolicy disableResizePreemption=1*s@
        NodeRuntimeHandler name=1s features?=2NodeRuntimeHandlerFeatures
        NodeRuntimeHandlerFeatures recursiveReadOnlyMounts?=1b userNamespaces?=2b
        NodeSelector! nodeSelectorTerms=1*NodeSelectorTerm
        NodeSelectorRequirement key=1s operator=2s values=3*s
        NodeSelectorTerm! matchExpressions=1*NodeSelectorRequirement matchFields=2*NodeSelectorRequirement
        NodeSpec podCIDR=1s podCIDRs=7*s@^ providerID=3s unschedulable=4b taints=5*Taint configSource?=6NodeConfigSource externalID=2s
          podPreemptionPolicy?=8NodePodPreemptionPolicy
        NodeStatus capacity=1%q allocatable=2%q phase=3s conditions=4*NodeCondition@type^type addresses=5*NodeAddress@type^type
          daemonEndpoints=6NodeDaemonEndpoints nodeInfo=7NodeSystemInfo images=8*ContainerImage volumesInUse=9*s
          volumesAttached=10*AttachedVolume config?=11NodeConfigStatus runtimeHandlers=12*NodeRuntimeHandler features?=13NodeFeatures
          declaredFeatures=14*s
        NodeSwapStatus capacity?=1i
        NodeSystemInfo machineID=1s systemUUID=2s bootID=3s kernelVersion=4s osImage=5s containerRuntimeVersion=6s kubeletVersion=7s
          kubeProxyVersion=8s operatingSystem=9s architecture=10s swap?=11NodeSwapStatus
        ObjectFieldSelector! apiVersion=1s fieldPath=2s
        ObjectReference! kind=1s namespace=2s name=3s uid=4s apiVersion=5s resourceVersion=6s fieldPath=7s
        PersistentVolumeClaim metadata=1ObjectMeta spec=2PersistentVolumeClaimSpec status=3PersistentVolumeClaimStatus
        PersistentVolumeClaimCondition type=1s status=2s lastProbeTime=3t lastTransitionTime=4t reason=5s message=6s
        PersistentVolumeClaimSpec accessModes=1*s selector?=4LabelSelector resources=2VolumeResourceRequirements volumeName=3s
          storageClassName?=5s volumeMode?=6s dataSource?=7TypedLocalObjectReference dataSourceRef?=8TypedObjectReference
          volumeAttributesClassName?=9s
        PersistentVolumeClaimStatus phase=1s accessModes=2*s capacity=3%q conditions=4*PersistentVolumeClaimCondition@type^type
          allocatedResources=5%q allocatedResourceStatuses=7%s currentVolumeAttributesClassName?=8s
          modifyVolumeStatus?=9ModifyVolumeStatus healthStatus?=10VolumeHealthStatus
        PersistentVolumeClaimTemplate metadata=1ObjectMeta spec=2PersistentVolumeClaimSpec
        PersistentVolumeClaimVolumeSource claimName=1s readOnly=2b
        PhotonPersistentDiskVolumeSource pdID=1s fsType=2s
        Pod metadata=1ObjectMeta spec=2PodSpec status=3PodStatus
        PodAffinity requiredDuringSchedulingIgnoredDuringExecution=1*PodAffinityTerm
          preferredDuringSchedulingIgnoredDuringExecution=2*WeightedPodAffinityTerm
        PodAffinityTerm labelSelector?=1LabelSelector namespaces=2*s topologyKey=3s namespaceSelector?=4LabelSelector matchLabelKeys=5*s
          mismatchLabelKeys=6*s
        PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution=1*PodAffinityTerm
          preferredDuringSchedulingIgnoredDuringExecution=2*WeightedPodAffinityTerm
        PodCertificateProjection signerName=1s keyType=2s maxExpirationSeconds?=3i credentialBundlePath=4s keyPath=5s
          certificateChainPath=6s userAnnotations=7%s user?=8i
        PodCondition type=1s observedGeneration=7i status=2s lastProbeTime=3t lastTransitionTime=4t reason=5s message=6s
        PodDNSConfig nameservers=1*s searches=2*s options=3*PodDNSConfigOption
        PodDNSConfigOption name=1s value?=2s
        PodExtendedResourceClaimStatus requestMappings=1*ContainerExtendedResourceRequest resourceClaimName=2s
        PodIP ip=1s
        PodOS name=1s
        PodReadinessGate conditionType=1s
        PodResourceClaim name=1s resourceClaimName?=3s resourceClaimTemplateName?=4s
        PodResourceClaimStatus name=1s resourceClaimName?=2s
        PodSchedulingGate name=1s
        PodSchedulingGroup podGroupName?=1s
        PodSecurityContext seLinuxOptions?=1SELinuxOptions windowsOptions?=8WindowsSecurityContextOptions runAsUser?=2i runAsGroup?=6i
          runAsNonRoot?=3b supplementalGroups=4*i supplementalGroupsPolicy?=12s fsGroup?=5i sysctls=7*Sysctl fsGroupChangePolicy?=9s
          seccompProfile?=10SeccompProfile appArmorProfile?=11AppArmorProfile seLinuxChangePolicy?=13s
        PodSpec volumes=1*Volume@name^name initContainers=20*Container@name^name containers=2*Container@name^name
          ephemeralContainers=34*EphemeralContainer@name^name restartPolicy=3s terminationGracePeriodSeconds?=4i activeDeadlineSeconds?=5i
          dnsPolicy=6s nodeSelector=7%s! serviceAccountName=8s serviceAccount=9s automountServiceAccountToken?=21b nodeName=10s
          hostNetwork=11b hostPID=12b hostIPC=13b shareProcessNamespace?=27b securityContext?=14PodSecurityContext
          imagePullSecrets=15*LocalObjectReference@name^name hostname=16s subdomain=17s affinity?=18Affinity schedulerName=19s
          tolerations=22*Toleration hostAliases=23*HostAlias@ip^ip priorityClassName=24s priority?=25i dnsConfig?=26PodDNSConfig
          readinessGates=28*PodReadinessGate runtimeClassName?=29s enableServiceLinks?=30b preemptionPolicy?=31s overhead=32%q
          topologySpreadConstraints=33*TopologySpreadConstraint@topologyKey,whenUnsatisfiable^topologyKey setHostnameAsFQDN?=35b
          os?=36PodOS hostUsers?=37b schedulingGates=38*PodSchedulingGate@name^name resourceClaims=39*PodResourceClaim@name^name
          resources?=40ResourceRequirements hostnameOverride?=41s schedulingGroup?=43PodSchedulingGroup
          evictionResponders=44*EvictionResponder@name^name
        PodStatus observedGeneration=17i phase=1s conditions=2*PodCondition@type^type message=3s reason=4s nominatedNodeName=11s hostIP=5s
          hostIPs=16*HostIP^ip podIP=6s podIPs=12*PodIP@ip^ip startTime?=7t initContainerStatuses=10*ContainerStatus
          containerStatuses=8*ContainerStatus qosClass=9s ephemeralContainerStatuses=13*ContainerStatus resize=14s
          resourceClaimStatuses=15*PodResourceClaimStatus@name^name extendedResourceClaimStatus?=18PodExtendedResourceClaimStatus
          allocatedResources=19%q resources?=20ResourceRequirements
          nodeAllocatableResourceClaimStatuses=21*NodeAllocatableResourceClaimStatus@resourceClaimName^resourceClaimName
          volumeHealth=22*PodVolumeHealth@name
        PodTemplateSpec metadata=1ObjectMeta spec=2PodSpec
        PodVolumeHealth name=1s healthConditions=2*VolumeHealthCondition@status,reason^status lastTransitionTime=3t
        PortStatus port=1i protocol=2s error?=3s
        PortworxVolumeSource volumeID=1s fsType=2s readOnly=3b
        PreferredSchedulingTerm weight=1i preference=2NodeSelectorTerm
        Probe <1ProbeHandler initialDelaySeconds=2i timeoutSeconds=3i periodSeconds=4i successThreshold=5i failureThreshold=6i
          terminationGracePeriodSeconds?=7i
        ProbeHandler exec?=1ExecAction httpGet?=2HTTPGetAction tcpSocket?=3TCPSocketAction grpc?=4GRPCAction
        ProjectedVolumeSource sources=1*VolumeProjection defaultMode?=2i defaultUser?=3i
        QuobyteVolumeSource registry=1s volume=2s readOnly=3b user=4s group=5s tenant=6s
        RBDVolumeSource monitors=1*s image=2s fsType=3s pool=4s user=5s keyring=6s secretRef?=7LocalObjectReference readOnly=8b
        ResourceClaim name=1s request=2s
        ResourceFieldSelector! containerName=1s resource=2s divisor=3q
        ResourceHealth resourceID=1s health=2s message?=6s
        ResourceRequirements limits=1%q requests=2%q claims=3*ResourceClaim@name
        ResourceStatus name=1s resources=2*ResourceHealth@resourceID
        SELinuxOptions user=1s role=2s type=3s level=4s
        ScaleIOVolumeSource gateway=1s system=2s secretRef?=3LocalObjectReference sslEnabled=4b protectionDomain=5s storagePool=6s
          storageMode=7s volumeName=8s fsType=9s readOnly=10b
        SeccompProfile type=1s localhostProfile?=2s
        Secret metadata=1ObjectMeta immutable?=5b data=2%y stringData=4%s type=3s
        SecretEnvSource <1LocalObjectReference optional?=2b
        SecretKeySelector! <1LocalObjectReference key=2s optional?=3b
        SecretProjection <1LocalObjectReference items=2*KeyToPath optional?=4b
        SecretVolumeSource secretName=1s items=2*KeyToPath defaultMode?=3i optional?=4b defaultUser?=5i
        SecurityContext capabilities?=1Capabilities privileged?=2b seLinuxOptions?=3SELinuxOptions
          windowsOptions?=10WindowsSecurityContextOptions runAsUser?=4i runAsGroup?=8i runAsNonRoot?=5b readOnlyRootFilesystem?=6b
          allowPrivilegeEscalation?=7b procMount?=9s seccompProfile?=11SeccompProfile appArmorProfile?=12AppArmorProfile
        Service metadata=1ObjectMeta spec=2ServiceSpec status=3ServiceStatus
        ServiceAccount metadata=1ObjectMeta secrets=2*ObjectReference@name^name imagePullSecrets=3*LocalObjectReference
          automountServiceAccountToken?=4b
        ServiceAccountTokenProjection audience=1s expirationSeconds?=2i path=3s user?=4i
        ServicePort name=1s protocol=2s appProtocol?=6s port=3i targetPort=4x nodePort=5i
        ServiceSpec ports=1*ServicePort@port,protocol^port selector=2%s! clusterIP=3s clusterIPs=18*s type=4s externalIPs=5*s
          sessionAffinity=7s loadBalancerIP=8s loadBalancerSourceRanges=9*s externalName=10s externalTrafficPolicy=11s
          healthCheckNodePort=12i publishNotReadyAddresses=13b sessionAffinityConfig?=14SessionAffinityConfig ipFamilies=19*s
          ipFamilyPolicy?=17s allocateLoadBalancerNodePorts?=20b loadBalancerClass?=21s internalTrafficPolicy?=22s
          trafficDistribution?=23s
        ServiceStatus loadBalancer=1LoadBalancerStatus conditions=2*Condition@type^type
        SessionAffinityConfig clientIP?=1ClientIPConfig
        SleepAction seconds=1i
        StorageOSVolumeSource volumeName=1s volumeNamespace=2s fsType=3s readOnly=4b secretRef?=5LocalObjectReference
        Sysctl name=1s value=2s
        TCPSocketAction port=1x host=2s
        Taint key=1s value=2s effect=3s timeAdded?=4t
        Toleration key=1s operator=2s value=3s effect=4s tolerationSeconds?=5i
        TopologySpreadConstraint maxSkew=1i topologyKey=2s whenUnsatisfiable=3s labelSelector?=4LabelSelector minDomains?=5i
          nodeAffinityPolicy?=6s nodeTaintsPolicy?=7s matchLabelKeys=8*s
        TypedLocalObjectReference! apiGroup?=1s kind=2s name=3s
        TypedObjectReference apiGroup?=1s kind=2s name=3s namespace?=4s
        Volume name=1s <2VolumeSource
        VolumeDevice name=1s devicePath=2s
        VolumeHealthCondition status=1s reason=2s message=3s
        VolumeHealthStatus healthConditions=1*VolumeHealthCondition@status,reason^status lastTransitionTime=2t
        VolumeMount name=1s readOnly=2b recursiveReadOnly?=7s mountPath=3s subPath=4s mountPropagation?=5s subPathExpr=6s
          bindMountOptions=8*s@
        VolumeMountStatus name=1s mountPath=2s readOnly=3b recursiveReadOnly?=4s volumeStatus?=5VolumeStatus
        VolumeProjection secret?=1SecretProjection downwardAPI?=2DownwardAPIProjection configMap?=3ConfigMapProjection
          serviceAccountToken?=4ServiceAccountTokenProjection clusterTrustBundle?=5ClusterTrustBundleProjection
          podCertificate?=6PodCertificateProjection
        VolumeResourceRequirements limits=1%q requests=2%q
        VolumeSource hostPath?=1HostPathVolumeSource emptyDir?=2EmptyDirVolumeSource gcePersistentDisk?=3GCEPersistentDiskVolumeSource
          awsElasticBlockStore?=4AWSElasticBlockStoreVolumeSource gitRepo?=5GitRepoVolumeSource secret?=6SecretVolumeSource
          nfs?=7NFSVolumeSource iscsi?=8ISCSIVolumeSource glusterfs?=9GlusterfsVolumeSource
          persistentVolumeClaim?=10PersistentVolumeClaimVolumeSource rbd?=11RBDVolumeSource flexVolume?=12FlexVolumeSource
          cinder?=13CinderVolumeSource cephfs?=14CephFSVolumeSource flocker?=15FlockerVolumeSource downwardAPI?=16DownwardAPIVolumeSource
          fc?=17FCVolumeSource azureFile?=18AzureFileVolumeSource configMap?=19ConfigMapVolumeSource
          vsphereVolume?=20VsphereVirtualDiskVolumeSource quobyte?=21QuobyteVolumeSource azureDisk?=22AzureDiskVolumeSource
          photonPersistentDisk?=23PhotonPersistentDiskVolumeSource projected?=26ProjectedVolumeSource
          portworxVolume?=24PortworxVolumeSource scaleIO?=25ScaleIOVolumeSource storageos?=27StorageOSVolumeSource csi?=28CSIVolumeSource
          ephemeral?=29EphemeralVolumeSource image?=30ImageVolumeSource
        VolumeStatus image?=1ImageVolumeStatus
        VsphereVirtualDiskVolumeSource volumePath=1s fsType=2s storagePolicyName=3s storagePolicyID=4s
        WeightedPodAffinityTerm weight=1i podAffinityTerm=2PodAffinityTerm
        WindowsSecurityContextOptions gmsaCredentialSpecName?=1s gmsaCredentialSpec?=2s runAsUserName?=3s hostProcess?=4b
        """
}
