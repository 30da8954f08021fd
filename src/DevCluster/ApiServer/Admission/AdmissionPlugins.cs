// Admission: the decisions about a write between decoding and storing, one file for each plugin.

using DevCluster.ApiServer.Admission.Policies;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.PodSecurity;
using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Admission;

/// <summary>The admission chain of the API server, in the order of the real one.</summary>
public static class AdmissionPlugins
{
    /// <summary>
    /// Creates a chain. Plugins have state (allocated addresses), so every server needs its own chain.
    /// </summary>
    public static IReadOnlyList<IAdmissionPlugin> Create(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return
        [
            new NamespaceLifecycle(),
            new LimitRangeAdmission(),
            new ServiceAccountAdmission(),
            new TolerationsOfNodeFailure(),
            new PodPriority(),
            new InitialState(),
            new ServiceNormalization(),
            new BuiltInValidation(),
            new RevisionImmutability(),
            new ServiceAllocation(),
            new PodSecurityAdmission(),
            new ValidatingAdmissionPolicies(),
            new ResourceQuotaAdmission(clock),
        ];
    }
}
