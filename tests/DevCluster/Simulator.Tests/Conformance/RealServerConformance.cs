namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>The conformance tests against a real API server, where the environment offers one.</summary>
public static class RealServerConformance
{
    public sealed class Objects(RealApi api) : ObjectConformance(api);

    public sealed class Patches(RealApi api) : PatchConformance(api);

    public sealed class Deletions(RealApi api) : DeletionConformance(api);

    public sealed class Lists(RealApi api) : ListConformance(api);

    public sealed class Watches(RealApi api) : WatchConformance(api);

    public sealed class Errors(RealApi api) : ErrorConformance(api);

    public sealed class Access(RealApi api) : AccessConformance(api);

    public sealed class CustomResources(RealApi api) : CustomResourceConformance(api);

    public sealed class Discovery(RealApi api) : DiscoveryConformance(api);

    public sealed class Kinds(RealApi api) : KindConformance(api);

    public sealed class Validation(RealApi api) : ValidationConformance(api)
    {
        protected override bool IsAuthority => true;
    }

    public sealed class Quotas(RealApi api) : QuotaConformance(api);

    public sealed class AdmissionPolicies(RealApi api) : AdmissionPolicyConformance(api);

    public sealed class Disruptions(RealWorkloads api) : DisruptionConformance(api);
}
