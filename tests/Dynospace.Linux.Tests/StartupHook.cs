using System.Globalization;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Tests;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// Runs in processes that <see cref="NftablesLibraryTests"/> starts, in place of tests. The runtime finds this class by
/// its name and calls it before the program.
/// </summary>
internal static class StartupHook
{
    public const string Place = "DYNOSPACE_TEST_PLACE";
    public const string Milliseconds = "DYNOSPACE_TEST_MILLISECONDS";
    public const string Files = "DYNOSPACE_TEST_FILES";

    private const int Threads = 6;

    public static void Initialize()
    {
        var place = NetworkNamespace.OpenNamed(Environment.GetEnvironmentVariable(Place)!);
        if (Environment.GetEnvironmentVariable(Files) is { } files)
        {
            UseWith(int.Parse(files, CultureInfo.InvariantCulture), place);
        }
        else
        {
            EndInTheMiddle(place);
        }

        Environment.Exit(0);
    }

    /// <summary>Uses nftables with so many files open.</summary>
    private static void UseWith(int files, NetworkNamespace place)
    {
        List<SafeFileHandle> open = [.. Enumerable.Range(0, files).Select(_ => File.OpenHandle("/dev/null"))];
        place.Run(() =>
        {
            using var nftables = Nftables.Open();
            nftables.Run("add table inet many");
        });
        open.ForEach(file => file.Dispose());
    }

    /// <summary>Ends while threads use libnftables.</summary>
    private static void EndInTheMiddle(NetworkNamespace place)
    {
        using var begun = new CountdownEvent(Threads);
        for (var i = 0; i < Threads; i++)
        {
            var table = $"table inet ending{i}";
            new Thread(() => place.Run(() =>
            {
                NftablesLibraryTests.UseOnce(table);
                begun.Signal();
                while (true)
                {
                    NftablesLibraryTests.UseOnce(table);
                }
            }))
            { IsBackground = true }.Start();
        }

        begun.Wait();
        Thread.Sleep(int.Parse(Environment.GetEnvironmentVariable(Milliseconds)!, CultureInfo.InvariantCulture));
    }
}
