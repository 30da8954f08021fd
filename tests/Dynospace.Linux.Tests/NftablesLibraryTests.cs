using Dynospace.Linux.Filtering;

namespace Dynospace.Linux.Tests;

/// <summary>libnftables in this process, which several parts of the agent use at the same time.</summary>
public sealed class NftablesLibraryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contexts_of_several_threads_do_not_disturb_each_other()
    {
        using var place = new Place();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Factory.StartNew(
            () => place.Namespace.Run(() => Repeat($"table inet test{number}")),
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    [Fact]
    public void A_context_that_is_closed_refuses_and_can_be_closed_again()
    {
        using var place = new Place();
        place.Namespace.Run(() =>
        {
            var nftables = new NftablesLibrary();
            nftables.Dispose();
            nftables.Dispose();

            Assert.Throws<ObjectDisposedException>(() => nftables.Run("list tables"));
        });
    }

    private static void Repeat(string table)
    {
        for (var i = 0; i < 50; i++)
        {
            using var nftables = new NftablesLibrary();
            nftables.Run(
                $$"""
                {{table}} {
                 set services {
                  typeof ip saddr . meta l4proto . th dport
                  elements = { 10.0.0.1 . tcp . 80, 10.0.0.1 . udp . 53, 10.0.0.1 . icmp . 0 }
                 }
                }
                """);
            Assert.Contains("services", nftables.Run($"list {table}", json: true), StringComparison.Ordinal);
            nftables.Run($"delete {table}");
        }
    }
}
