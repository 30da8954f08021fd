using Dynospace.Api.Apps;

namespace Dynospace.Planning.Hosts;

/// <summary>The order between apps that claim the same domain.</summary>
/// <param name="Created">When the app was created, by the second.</param>
/// <param name="Uid">The app's uid.</param>
public readonly record struct ClaimAge(DateTimeOffset Created, string Uid)
{
    /// <summary>By time of creation, then by uid.</summary>
    public static Comparer<ClaimAge> Order { get; } = Comparer<ClaimAge>.Create(static (one, other) =>
        one.Created.CompareTo(other.Created) is not 0 and var order
            ? order
            : string.CompareOrdinal(one.Uid, other.Uid));
}

/// <summary>An app and the domains that it asks for.</summary>
/// <param name="Space">The space, which is also the app's namespace.</param>
/// <param name="App">The app's name.</param>
/// <param name="Uid">The app's uid.</param>
/// <param name="Created">When the app was created, by the second.</param>
/// <param name="Domains">The domains of its spec.</param>
public sealed record DomainClaimant(
    string Space, string App, string Uid, DateTimeOffset Created, IReadOnlyList<string> Domains)
{
    /// <summary>Its place among the claimants of one domain.</summary>
    public ClaimAge Age => new(Created, Uid);

    /// <summary>The app, as records of grants name it.</summary>
    public HostHolder Holder => new(Space, App);

    /// <summary>
    /// The claim of an App. An App without a time of creation is not stored yet and counts as the youngest.
    /// </summary>
    public static DomainClaimant FromApp(App app) =>
        new(
            app.Metadata.NamespaceProperty,
            app.Metadata.Name,
            app.Metadata.Uid ?? "",
            app.Metadata.CreationTimestamp is { } created
                ? ApiTime.Read(created)
                : DateTimeOffset.MaxValue,
            [.. app.Spec.Domains ?? []]);
}

/// <summary>The App that has a host.</summary>
public sealed record HostHolder(string Space, string App);

/// <summary>A domain that an app claims and does not get.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Holder">
/// The app that has it; null for none. If it is in another space, the claimant must not learn its name.
/// </param>
/// <param name="IsReserved">Whether it lies under the base domain, where an app has only its generated host.</param>
public sealed record LostDomain(string Domain, HostHolder? Holder, bool IsReserved)
{
    /// <summary>Why the grant could not be recorded; null if another app has the domain.</summary>
    public string? Failure { get; init; }

    /// <summary>When it becomes free because its holder is gone; null while the holder exists.</summary>
    public DateTimeOffset? FreeAt { get; init; }
}

/// <summary>The result of an app's claims.</summary>
/// <param name="Hosts">The hosts that the app owns, the generated one first.</param>
/// <param name="Lost">The domains that it claims and does not get.</param>
public sealed record GrantedHosts(IReadOnlyList<string> Hosts, IReadOnlyList<LostDomain> Lost);

/// <summary>
/// Assigns hosts to apps. A domain belongs to the app that was created first, then to the smaller uid. A name under the
/// base domain belongs only to the app that it is generated for, even before that app exists.
/// </summary>
public sealed class DomainClaims
{
    private readonly string _baseDomain;
    private readonly Dictionary<string, DomainClaimant> _owners = new(StringComparer.OrdinalIgnoreCase);

    private DomainClaims(string baseDomain) => _baseDomain = baseDomain;

    /// <summary>
    /// Settles the claims. For the answer about one app it is enough to give that app and every other that claims one
    /// of its domains.
    /// </summary>
    public static DomainClaims Settle(IEnumerable<DomainClaimant> claimants, string baseDomain)
    {
        var claims = new DomainClaims(baseDomain);
        foreach (var claimant in claimants.OrderBy(claimant => claimant.Age, ClaimAge.Order))
        {
            claims._owners[GeneratedHost.ForApp(claimant.App, claimant.Space, baseDomain)] = claimant;
            foreach (var domain in claimant.Domains.Where(domain => !claims.IsReserved(domain)))
            {
                claims._owners.TryAdd(domain, claimant);
            }
        }

        return claims;
    }

    /// <summary>The hosts of an app without other claimants.</summary>
    public static GrantedHosts Alone(DomainClaimant claimant, string baseDomain) =>
        Settle([claimant], baseDomain).HostsOf(claimant);

    /// <summary>The app that owns a host; null for none.</summary>
    public DomainClaimant? OwnerOf(string host) => _owners.GetValueOrDefault(host);

    /// <summary>
    /// The result of an app's claims: its generated host first, then its domains in the order of the spec.
    /// </summary>
    public GrantedHosts HostsOf(DomainClaimant claimant)
    {
        List<string> hosts = [GeneratedHost.ForApp(claimant.App, claimant.Space, _baseDomain)];
        List<LostDomain> lost = [];
        foreach (var domain in claimant.Domains)
        {
            var owner = OwnerOf(domain);
            if (owner?.Uid != claimant.Uid)
            {
                lost.Add(new(domain, owner?.Holder, IsReserved(domain)));
            }
            else if (!hosts.Contains(domain, StringComparer.OrdinalIgnoreCase))
            {
                hosts.Add(domain);
            }
        }

        return new(hosts, lost);
    }

    private bool IsReserved(string domain) => GeneratedHost.IsUnder(domain, _baseDomain);
}
