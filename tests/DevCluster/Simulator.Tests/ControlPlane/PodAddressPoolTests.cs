using CsCheck;
using DevCluster.Simulator.Nodes;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class PodAddressPoolTests
{
    private const int Networks = 16384;

    [Fact]
    public void It_holds_sixteen_thousand_networks_and_then_says_so()
    {
        var pool = new PodAddressPool(3);

        var addresses = Enumerable.Range(0, Networks).Select(_ => pool.Take()).ToList();

        Assert.Equal("172.19.0.0/16", pool.Cidr);
        Assert.Equal("172.19.0.2", addresses[0]);
        Assert.Equal("172.19.255.254", addresses[^1]);
        Assert.Equal(Networks, addresses.Distinct().Count());
        Assert.Null(pool.Take());
    }

    [Fact]
    public void A_smaller_pool_gives_and_claims_only_addresses_of_its_range()
    {
        var pool = new PodAddressPool(1, 28);

        Assert.Equal("172.17.0.0/28", pool.Cidr);
        Assert.Equal(
            ["172.17.0.2", "172.17.0.6", "172.17.0.10", "172.17.0.14"],
            Enumerable.Range(0, 4).Select(_ => pool.Take()));
        Assert.Null(pool.Take());
        Assert.False(pool.Claim("172.17.0.18"));
    }

    [Fact]
    public void It_goes_round_to_what_was_released()
    {
        var pool = new PodAddressPool(0);
        var addresses = Enumerable.Range(0, Networks).Select(_ => pool.Take()!).ToList();

        pool.Release(addresses[7]);

        Assert.Equal(addresses[7], pool.Take());
        Assert.Null(pool.Take());
    }

    [Fact]
    public void No_address_is_given_twice_while_it_is_in_use() =>
        Gen.Bool.List[1, 200].Sample(takes =>
        {
            // Nearly full, so that a few dozen steps go round.
            var pool = new PodAddressPool(1);
            var used = new Queue<string>(Enumerable.Range(0, Networks - 3).Select(_ => pool.Take()!));
            var inUse = used.ToHashSet();
            foreach (var take in takes)
            {
                if (!take && used.TryDequeue(out var released))
                {
                    inUse.Remove(released);
                    pool.Release(released);
                }
                else if (pool.Take() is { } address)
                {
                    Assert.True(inUse.Add(address));
                    used.Enqueue(address);
                }
                else
                {
                    Assert.Equal(Networks, used.Count);
                }
            }
        }, iter: 50);
}
