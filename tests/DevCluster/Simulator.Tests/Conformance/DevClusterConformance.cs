namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>The conformance tests against the dev cluster; always run.</summary>
public static class DevClusterConformance
{
    public sealed class Objects(DevClusterApi api) : ObjectConformance(api);

    public sealed class Patches(DevClusterApi api) : PatchConformance(api);

    public sealed class Deletions(DevClusterApi api) : DeletionConformance(api);

    public sealed class Lists(DevClusterApi api) : ListConformance(api);

    public sealed class Watches(DevClusterApi api) : WatchConformance(api);

    public sealed class Errors(DevClusterApi api) : ErrorConformance(api);

    public sealed class Access(DevClusterApi api) : AccessConformance(api);

    public sealed class CustomResources(DevClusterApi api) : CustomResourceConformance(api);

    public sealed class Discovery(DevClusterApi api) : DiscoveryConformance(api);

    public sealed class Kinds(DevClusterApi api) : KindConformance(api);

    public sealed class Validation(DevClusterApi api) : ValidationConformance(api);

    public sealed class Quotas(DevClusterApi api) : QuotaConformance(api);

    public sealed class AdmissionPolicies(DevClusterApi api) : AdmissionPolicyConformance(api);

    public sealed class Disruptions(DevClusterWorkloads api) : DisruptionConformance(api);
}
