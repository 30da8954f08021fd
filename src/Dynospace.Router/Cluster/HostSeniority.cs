using Dynospace.Api.Apps;
using Dynospace.Planning.Routing;

namespace Dynospace.Router.Cluster;

/// <summary>
/// The order in which the operator grants hosts: apps on their way out claim nothing, then the older one is first, then the smaller uid.
/// </summary>
internal sealed record HostSeniority(bool IsDeleting, ClaimAge Age) : IComparable<HostSeniority>
{
    public static HostSeniority Of(App app) => new(app.Metadata.DeletionTimestamp is not null, DomainClaimant.Of(app).Age);

    public int CompareTo(HostSeniority? other) => other is null ? -1
        : IsDeleting.CompareTo(other.IsDeleting) is not 0 and var order ? order
        : ClaimAge.Order.Compare(Age, other.Age);
}
