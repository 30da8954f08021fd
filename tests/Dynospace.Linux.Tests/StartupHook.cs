using System.Globalization;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Tests;

/// <summary>
/// What a process of <see cref="NftablesLibraryTests"/> does in place of running tests: threads use libnftables, and it
/// ends in the middle. The runtime finds it by its name, and calls it before the program.
/// </summary>
internal static class StartupHook
{
    public const string Place = "DYNOSPACE_TEST_PLACE";
    public const string Milliseconds = "DYNOSPACE_TEST_MILLISECONDS";

    private const int Threads = 6;

    public static void Initialize()
    {
        var place = NetworkNamespace.OpenNamed(Environment.GetEnvironmentVariable(Place)!);
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
        Environment.Exit(0);
    }
}
