using DevCluster.ApiServer.Tables;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Catalog;

/// <summary>The built-in kinds, as far as users and operators need them.</summary>
public static class BuiltInResources
{
    private static readonly string[] Writes = ["get", "patch", "update"];
    private static readonly string[] Creates = ["create"];
    private static readonly string[] Streams = ["create", "get"];
    private static readonly string[] Proxied = ["create", "delete", "get", "patch", "update"];
    private static readonly string[] ReferenceFields =
    [
        "kind",
        "namespace",
        "name",
        "uid",
        "apiVersion",
        "resourceVersion",
        "fieldPath",
    ];

    /// <summary>In discovery order.</summary>
    public static IReadOnlyList<ResourceDefinition> All { get; } =
    [
        .. Core(),
        .. Apps(),
        .. Events(),
        .. Reviews(),
        .. Autoscaling(),
        .. Batch(),
        .. Networking(),
        .. Policies(),
        .. Access(),
        .. Storage(), .. AdmissionRegistration(), .. Extensions(), .. Others(),
    ];

    private static IEnumerable<ResourceDefinition> Core() =>
    [
        Virtual("", "v1", "bindings", "Binding", namespaced: true),
        Namespaced("", "v1", "configmaps", "ConfigMap", "cm"),
        Namespaced("", "v1", "endpoints", "Endpoints", "ep") with
        {
            Singular = "endpoints",
            DeprecationWarning = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        },
        Namespaced("", "v1", "events", "Event", "ev") with
        {
            SelectableFields = EventFields("involvedObject", "reportingComponent"),
        },
        Namespaced("", "v1", "limitranges", "LimitRange", "limits"),
        Cluster("", "v1", "namespaces", "Namespace", "ns") with
        {
            HasStatus = true,
            HasDeleteCollection = false,
            SelectableFields = ["status.phase"],
            Subresources = [new("finalize", "Namespace", ["update"])],
        },
        Cluster("", "v1", "nodes", "Node", "no") with { HasStatus = true, SelectableFields = ["spec.unschedulable"] },
        Namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc") with
        {
            HasStatus = true,
            DeleteReturnsObject = true,
        },
        Cluster("", "v1", "persistentvolumes", "PersistentVolume", "pv") with
        {
            HasStatus = true,
            DeleteReturnsObject = true,
        },
        Pods(),
        // Not implemented, but served: kubectl apply --prune lists it and fails otherwise.
        Spec(Namespaced("", "v1", "replicationcontrollers", "ReplicationController", "rc")) with
        {
            Categories = ["all"],
        },
        Namespaced("", "v1", "resourcequotas", "ResourceQuota", "quota") with
        {
            HasStatus = true,
            DeleteReturnsObject = true,
        },
        Namespaced("", "v1", "secrets", "Secret") with { SelectableFields = ["type"] },
        Namespaced("", "v1", "serviceaccounts", "ServiceAccount", "sa") with
        {
            DeleteReturnsObject = true,
            Subresources = [new("token", "TokenRequest", Creates, "authentication.k8s.io/v1")],
        },
        Namespaced("", "v1", "services", "Service", "svc") with
        {
            HasStatus = true,
            DeleteReturnsObject = true,
            Categories = ["all"],
            SelectableFields = ["spec.clusterIP", "spec.type"],
            Subresources = [new("proxy", "ServiceProxyOptions", Proxied)],
        },
    ];

    private static ResourceDefinition Pods() => Namespaced("", "v1", "pods", "Pod", "po") with
    {
        HasStatus = true,
        HasGeneration = true,
        DeleteReturnsObject = true,
        Categories = ["all"],
        SelectableFields =
        [
            "spec.hostNetwork", "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "status.nominatedNodeName", "status.phase", "status.podIP",
        ],
        Subresources =
        [
            new("attach", "PodAttachOptions", Streams),
            new("binding", "Binding", Creates),
            new("ephemeralcontainers", "Pod", Writes),
            new("eviction", "Eviction", Creates, "policy/v1"),
            new("exec", "PodExecOptions", Streams),
            new("log", "Pod", ["get"]),
            new("portforward", "PodPortForwardOptions", Streams),
        ],
    };

    private static IEnumerable<ResourceDefinition> Apps()
    {
        var scale = new ScaleSubresource(".spec.replicas", ".status.replicas", ".status.selector");
        return
        [
            Namespaced("apps", "v1", "controllerrevisions", "ControllerRevision"),
            Spec(Namespaced("apps", "v1", "daemonsets", "DaemonSet", "ds")) with { Categories = ["all"] },
            Spec(Namespaced("apps", "v1", "deployments", "Deployment", "deploy")) with
            {
                Categories = ["all"],
                Scale = scale,
            },
            Spec(Namespaced("apps", "v1", "replicasets", "ReplicaSet", "rs")) with
            {
                Categories = ["all"], Scale = scale, SelectableFields = ["status.replicas"],
            },
            Spec(Namespaced("apps", "v1", "statefulsets", "StatefulSet", "sts")) with
            {
                Categories = ["all"],
                Scale = scale,
            },
        ];
    }

    private static IEnumerable<ResourceDefinition> Events() =>
    [
        Namespaced("events.k8s.io", "v1", "events", "Event", "ev") with
        {
            StoredAs = new ResourceId("", "events"), SelectableFields = EventFields("regarding", "reportingController"),
        },
    ];

    private static IEnumerable<ResourceDefinition> Reviews() =>
    [
        Virtual("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview"),
        Virtual("authentication.k8s.io", "v1", "tokenreviews", "TokenReview"),
        Virtual(
            "authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", namespaced: true),
        Virtual("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        Virtual("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        Virtual("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview"),
    ];

    private static IEnumerable<ResourceDefinition> Autoscaling() =>
    [
        Namespaced("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa") with
        {
            HasStatus = true, Categories = ["all"],
        },
    ];

    private static IEnumerable<ResourceDefinition> Batch() =>
    [
        Spec(Namespaced("batch", "v1", "cronjobs", "CronJob", "cj")) with { Categories = ["all"] },
        Spec(Namespaced("batch", "v1", "jobs", "Job")) with
        {
            Categories = ["all"],
            SelectableFields = ["status.successful"],
        },
    ];

    private static IEnumerable<ResourceDefinition> Networking() =>
    [
        Cluster("networking.k8s.io", "v1", "ingressclasses", "IngressClass") with { HasGeneration = true },
        Spec(Namespaced("networking.k8s.io", "v1", "ingresses", "Ingress", "ing")),
        Namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol") with
        {
            HasGeneration = true,
        },
    ];

    private static IEnumerable<ResourceDefinition> Policies() =>
        [Spec(Namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb"))];

    private static IEnumerable<ResourceDefinition> Access() =>
    [
        Cluster("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding"),
        Cluster("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole"),
        Namespaced("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
        Namespaced("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    ];

    private static IEnumerable<ResourceDefinition> Storage() =>
        [Cluster("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc")];

    private static IEnumerable<ResourceDefinition> AdmissionRegistration() =>
        new[]
        {
            Spec(
                Cluster(
                    "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy")),
            Cluster(
                "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
            Cluster(
                "admissionregistration.k8s.io",
                "v1",
                "validatingadmissionpolicybindings",
                "ValidatingAdmissionPolicyBinding"),
            Cluster(
                "admissionregistration.k8s.io",
                "v1",
                "validatingwebhookconfigurations",
                "ValidatingWebhookConfiguration"),
        }.Select(definition => definition with { Categories = ["api-extensions"], HasGeneration = true });

    private static IEnumerable<ResourceDefinition> Extensions() =>
    [
        Spec(
            Cluster(
                "apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions",
                "CustomResourceDefinition",
                "crd",
                "crds")) with
        {
            Categories = ["api-extensions"],
        },
    ];

    private static IEnumerable<ResourceDefinition> Others() =>
    [
        Cluster("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc") with { HasGeneration = true },
        Namespaced("coordination.k8s.io", "v1", "leases", "Lease"),
        Namespaced("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice") with { HasGeneration = true },
    ];

    private static string[] EventFields(string regarding, string controller) =>
    [
        .. ReferenceFields.Select(field => $"{regarding}.{field}"), "reason", controller, "source", "type",
    ];

    private static ResourceDefinition Spec(ResourceDefinition definition) =>
        definition with { HasStatus = true, HasGeneration = true };

    private static ResourceDefinition Namespaced(
        string group, string version, string plural, string kind, params string[] shortNames) =>
        Define(group, version, plural, kind, isNamespaced: true) with { ShortNames = shortNames };

    private static ResourceDefinition Cluster(
        string group, string version, string plural, string kind, params string[] shortNames) =>
        Define(group, version, plural, kind, isNamespaced: false) with { ShortNames = shortNames };

    private static ResourceDefinition Virtual(
        string group, string version, string plural, string kind, bool namespaced = false) =>
        Define(group, version, plural, kind, namespaced) with { IsVirtual = true };

    private static ResourceDefinition Define(
        string group, string version, string plural, string kind, bool isNamespaced)
    {
        var id = new ResourceId(group, plural);
        return new ResourceDefinition
        {
            Id = id,
            Version = version,
            Kind = kind,
            Singular = kind.ToLowerInvariant(),
            IsNamespaced = isNamespaced,
            Schema = BuiltInSchemas.For(group.Length == 0 ? version : $"{group}/{version}", kind),
            Columns = BuiltInColumns.For(id),
        };
    }
}
