namespace Dynospace.Planning.Routing;

/// <summary>
/// Which app owns which host. A domain belongs to the app that was created first, then to the smaller uid; names under the base
/// domain belong to nobody but the app whose generated host they are, whether it exists yet or not.
/// </summary>
public sealed class DomainClaims
{
    private readonly string _baseDomain;
    private readonly Dictionary<string, DomainClaimant> _owners = new(StringComparer.OrdinalIgnoreCase);

    private DomainClaims(string baseDomain) => _baseDomain = baseDomain;

    /// <summary>
    /// Settles the claims. For the answer about one app it is enough to give that app and every other that claims one of its domains.
    /// </summary>
    public static DomainClaims Settle(IEnumerable<DomainClaimant> claimants, string baseDomain)
    {
        var claims = new DomainClaims(baseDomain);
        foreach (var claimant in claimants.OrderBy(claimant => claimant.Age, ClaimAge.Order))
        {
            claims._owners[GeneratedHost.Of(claimant.App, claimant.Space, baseDomain)] = claimant;
            foreach (var domain in claimant.Domains.Where(domain => !claims.IsReserved(domain)))
            {
                claims._owners.TryAdd(domain, claimant);
            }
        }

        return claims;
    }

    /// <summary>What an app gets when nobody else asks for anything.</summary>
    public static GrantedHosts Alone(DomainClaimant claimant, string baseDomain) => Settle([claimant], baseDomain).HostsOf(claimant);

    /// <summary>The app that owns a host; null when none does.</summary>
    public DomainClaimant? OwnerOf(string host) => _owners.GetValueOrDefault(host);

    /// <summary>What became of an app's claims: its generated host first, then its domains as the spec lists them.</summary>
    public GrantedHosts HostsOf(DomainClaimant claimant)
    {
        List<string> hosts = [GeneratedHost.Of(claimant.App, claimant.Space, _baseDomain)];
        List<LostDomain> lost = [];
        foreach (var domain in claimant.Domains)
        {
            var owner = OwnerOf(domain);
            if (owner?.Uid != claimant.Uid)
            {
                lost.Add(new(domain, owner, IsReserved(domain)));
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
