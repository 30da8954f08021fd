using System.Threading.Channels;
using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>The changes since the last snapshot.</summary>
/// <param name="Spaces">Whether a Space changed.</param>
/// <param name="Hosts">Whether the hosts granted to an app, or the set of apps, changed.</param>
/// <param name="Certificates">Whether the Secrets that an app names changed.</param>
/// <param name="Apps">Apps whose route may differ.</param>
internal sealed record RouteChanges(bool Spaces, bool Hosts, bool Certificates, IReadOnlyCollection<ObjectKey> Apps)
{
    public static RouteChanges Everything { get; } = new(true, true, true, []);
}

/// <summary>Gathers changes from all watches until the routes are rebuilt from all of them at once.</summary>
internal sealed class ChangeCollector
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private HashSet<ObjectKey> _apps = [];
    private bool _spaces;
    private bool _hosts;
    private bool _certificates;

    public void AddSpaces() => Add(() => _spaces = true);

    /// <summary>Callers need no flag: they are compared by reference after any change.</summary>
    public void AddCallers() => Add(static () => { });

    public void AddApp(AppFacts? before, AppFacts? after) => Add(() =>
    {
        _apps.Add((after ?? before)!.Key);
        _hosts |= !AreGrantedTheSame(before, after);
        _certificates |= !(before?.TlsSecrets ?? []).SequenceEqual(after?.TlsSecrets ?? []);
    });

    public void AddRoute(ObjectKey? app) => Add(() =>
    {
        if (app is { } key)
        {
            _apps.Add(key);
        }
    });

    /// <summary>Waits for changes and takes all pending ones.</summary>
    public async Task<RouteChanges> TakeAsync(CancellationToken cancellationToken)
    {
        await _signal.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            var taken = new RouteChanges(_spaces, _hosts, _certificates, _apps);
            (_spaces, _hosts, _certificates, _apps) = (false, false, false, []);
            return taken;
        }
    }

    private static bool AreGrantedTheSame(AppFacts? before, AppFacts? after) =>
        before is not null && after is not null
        && before.HasInternalRouting == after.HasInternalRouting
        && before.Seniority == after.Seniority
        && before.Hosts.SequenceEqual(after.Hosts);

    private void Add(Action change)
    {
        lock (_lock)
        {
            change();
        }

        _signal.Writer.TryWrite(true);
    }
}
