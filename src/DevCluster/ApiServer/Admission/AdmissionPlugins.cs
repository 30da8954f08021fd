// Admission: what the API server decides about a write between decoding and storing it, one file for each plugin.

using DevCluster.ApiServer.Admission.Policies;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.PodSecurity;
using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Admission;

/// <summary>The admission chain: what a real API server does to a write between decoding it and storing it.</summary>
public static class AdmissionPlugins
{
    /// <summary>
    /// Makes the chain; plugins keep state (allocated addresses), so every server needs a chain of its own.
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
