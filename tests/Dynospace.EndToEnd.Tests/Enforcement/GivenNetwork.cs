using System.Diagnostics;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>
/// The network of a given cluster, as far as its owner says how to take its enforcement away and how to bring
/// it back.
/// </summary>
internal static class GivenNetwork
{
    public const string OffVariable = "DYNOSPACE_TEST_ENFORCEMENT_OFF";
    public const string OnVariable = "DYNOSPACE_TEST_ENFORCEMENT_ON";

    public static bool CanBeSwitched => Command(OffVariable) is not null && Command(OnVariable) is not null;

    /// <summary>From now on new pods are not fenced.</summary>
    public static Task StopEnforcingAsync(CancellationToken cancellationToken) =>
        RunAsync(Command(OffVariable)!, cancellationToken);

    /// <summary>All pods are fenced again, soon.</summary>
    public static Task EnforceAsync(CancellationToken cancellationToken) =>
        RunAsync(Command(OnVariable)!, cancellationToken);

    private static string? Command(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } command ? command : null;

    private static async Task RunAsync(string command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command]))!;
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"\"{command}\" ended with {process.ExitCode}.");
    }
}
