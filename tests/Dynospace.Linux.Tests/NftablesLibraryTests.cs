using System.Diagnostics;
using System.Globalization;
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

    /// <summary>
    /// Without one call at a time more than half of such processes end by a signal or by the C
    /// library's word that memory is corrupt.
    /// </summary>
    [Fact]
    public async Task A_process_that_ends_while_threads_use_the_library_ends_as_it_wants()
    {
        using var place = new Place();
        foreach (var milliseconds in new[] { 50, 100, 200, 300, 400, 500 })
        {
            var (exitCode, said) = await RunAsync(
                place, StartupHook.Milliseconds, milliseconds.ToString(CultureInfo.InvariantCulture));

            Assert.True(exitCode == 0, $"exit code {exitCode} after {milliseconds} ms: {said}");
        }
    }

    /// <summary>The library waits by select(), for which 1,024 are too many: the C library ends the process.</summary>
    [Fact]
    public async Task A_process_with_thousands_of_open_files_writes_rules()
    {
        using var place = new Place();

        var (exitCode, said) = await RunAsync(place, StartupHook.Files, "2000");

        Assert.True(exitCode == 0, $"exit code {exitCode}: {said}");
        place.Namespace.Run(() =>
        {
            using var nftables = new NftablesLibrary();
            Assert.Contains("table inet many", nftables.Run("list tables"), StringComparison.Ordinal);
        });
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

    private static async Task<(int ExitCode, string Said)> RunAsync(Place place, string variable, string value)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(NftablesLibraryTests).Assembly.Location])
        {
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(NftablesLibraryTests).Assembly.Location;
        start.Environment[StartupHook.Place] = place.Name;
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, said);
    }

    private static void Repeat(string table)
    {
        for (var i = 0; i < 50; i++)
        {
            UseOnce(table);
        }
    }

    internal static void UseOnce(string table)
    {
        using var nftables = new NftablesLibrary();
        nftables.Run(
            $$"""
            {{table}} {
             set services {
              typeof ip saddr . meta l4proto . th dport
              elements = { 10.0.0.1 . tcp . 80, 10.0.0.1 . udp . 53, 10.0.0.1 . icmp . 0 }
             }
             chain c {
              iif lo accept
             }
            }
            """);
        Assert.Contains("services", nftables.Run($"list {table}", json: true), StringComparison.Ordinal);
        nftables.Run($"delete {table}");
    }
}
