using Dynospace.NodeAgent.Egress;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>The Lease that breaks a tie, as an API server keeps it.</summary>
internal sealed class SharedLease
{
    private readonly Lock _lock = new();
    private TieRecord _record = new(null, null);
    private int _version;

    /// <summary>How often it was written.</summary>
    public int Writes { get; private set; }

    public string? Holder => _record.Holder;

    /// <summary>Does for a node what its loop would do, at once.</summary>
    public void Serve(TieBreak tie, string node, TimeSpan now)
    {
        lock (_lock)
        {
            for (var action = tie.Next(now); action != TieAction.None; action = tie.Next(now))
            {
                if (action == TieAction.Read)
                {
                    tie.Read(_record, now);
                }
                else if (tie.Version != _record.Version)
                {
                    tie.Conflicted();
                }
                else
                {
                    Writes++;
                    _record = new TieRecord(action == TieAction.Take ? node : null, $"{++_version}");
                    if (action == TieAction.Take)
                    {
                        tie.Taken(_record, now);
                    }
                    else
                    {
                        tie.Released();
                    }
                }
            }
        }
    }
}

/// <summary>A node's way to the API server.</summary>
internal sealed class LabWitness(
    string node, SharedLease lease, Func<bool> isApiReached, Func<TimeSpan> clock) : IWitness
{
    private readonly TieBreak _tie = new(node, new TieTimes());

    public bool IsApiReached() => isApiReached();

    public TieVote Vote(bool hasAddresses)
    {
        var vote = _tie.Ask(hasAddresses, clock());
        Serve();
        return vote == TieVote.Won ? vote : _tie.Ask(hasAddresses, clock());
    }

    /// <summary>Lets time pass without a question.</summary>
    public void Serve()
    {
        if (isApiReached())
        {
            lease.Serve(_tie, node, clock());
        }
    }
}
