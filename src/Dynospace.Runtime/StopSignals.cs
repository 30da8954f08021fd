using System.Runtime.InteropServices;

namespace Dynospace.Runtime;

/// <summary>Turns SIGTERM and SIGINT into a cancellation, so that what is under way ends before the process does.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    private StopSignals(PosixSignalRegistration[] registrations) => _registrations = registrations;

    /// <summary>Cancels the source at the first signal, and keeps the process alive.</summary>
    public static StopSignals Register(CancellationTokenSource stop) =>
        new([.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        }))]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
