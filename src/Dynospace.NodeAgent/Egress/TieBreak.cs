namespace Dynospace.NodeAgent.Egress;

/// <summary>The times of the Lease that breaks a tie.</summary>
internal sealed record TieTimes
{
    /// <summary>
    /// How long a half without fixed IPs waits for the half with some to take the Lease, so that no IP moves.
    /// </summary>
    public TimeSpan Yield { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often the Lease is read while another node holds it.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The interval at which the holder renews the Lease.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the holder relies on a write, measured from the start of the request.</summary>
    public TimeSpan ValidFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the Lease must be unchanged before another node takes it: longer than <see cref="ValidFor"/> plus the
    /// time until the nodes of the holder's half learn that it no longer holds the Lease.
    /// </summary>
    public TimeSpan FreeAfter { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long after the last request the tie counts as over.</summary>
    public TimeSpan AskedFor { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Whether this node's half decides.</summary>
internal enum TieVote
{
    /// <summary>The Lease has not been read or written yet.</summary>
    Pending,

    /// <summary>This node holds the Lease.</summary>
    Won,

    /// <summary>Another node holds it.</summary>
    Lost,
}

/// <summary>The next request for the Lease.</summary>
internal enum TieAction
{
    None,
    Read,
    Take,
    Release,
}

/// <summary>The Lease in the API server.</summary>
/// <param name="Holder">The node that holds it; null for none.</param>
/// <param name="Version">The version that a write replaces; null if the Lease does not exist.</param>
internal sealed record TieRecord(string? Holder, string? Version);

/// <summary>
/// Pure: decides which half of the nodes keeps the fixed IPs if exactly half of them hear each other: the half with the
/// node that holds the Lease. Without a tie nothing is read or written.
/// <para>
/// Two halves cannot both have it: each write replaces the version that was read, and a holder relies on it for a
/// shorter time than others wait. Each node uses its own clock: the holder from before its write, the others from their
/// first read of it.
/// </para>
/// </summary>
/// <param name="own">The name of this node.</param>
internal sealed class TieBreak(string own, TieTimes times)
{
    private TieRecord? _record;
    private TimeSpan _recordSince;
    private TimeSpan? _askedAt;
    private TimeSpan _askedSince;
    private TimeSpan? _readAt;
    private TimeSpan? _writtenAt;
    private bool _hasAddresses;

    /// <summary>Whether the last read or write of the Lease failed.</summary>
    public bool IsUnreached { get; private set; }

    /// <summary>Asks on behalf of a half.</summary>
    /// <param name="hasAddresses">Whether the half has fixed IPs, which would move if the other half wins.</param>
    public TieVote Ask(bool hasAddresses, TimeSpan now)
    {
        if (!IsAsked(now))
        {
            _askedSince = now;
        }

        (_askedAt, _hasAddresses) = (now, hasAddresses);
        return IsHeld(now) ? TieVote.Won
            : _readAt >= _askedSince && _record is { Holder: { } holder } && holder != own && !IsFree(now)
                ? TieVote.Lost
                : TieVote.Pending;
    }

    /// <summary>The next action.</summary>
    public TieAction Next(TimeSpan now)
    {
        if (!IsAsked(now))
        {
            return _record?.Holder == own ? TieAction.Release : TieAction.None;
        }

        if (IsHeld(now) && _record is not null)
        {
            return now - _writtenAt >= times.RenewEvery && IsReadDue(now) ? TieAction.Take : TieAction.None;
        }

        return _record is not null && IsFree(now) && _readAt >= _askedSince
            && (_hasAddresses || now - _askedSince >= times.Yield)
                ? TieAction.Take
                : IsReadDue(now) || _record is null ? TieAction.Read : TieAction.None;
    }

    /// <summary>The version that a write replaces; null if it creates the Lease.</summary>
    public string? Version => _record?.Version;

    /// <summary>Handles a successful read of the Lease.</summary>
    public void Read(TieRecord record, TimeSpan now)
    {
        if (record != _record)
        {
            (_record, _recordSince) = (record, now);
        }

        (_readAt, IsUnreached) = (now, false);
        if (record.Holder != own)
        {
            _writtenAt = null;
        }
    }

    /// <summary>Handles a successful write of the Lease by this node.</summary>
    /// <param name="startedAt">When the request started: others may have read the result since.</param>
    /// <returns>Whether this node held the Lease before.</returns>
    public bool Taken(TieRecord record, TimeSpan startedAt)
    {
        var wasHeld = IsHeld(startedAt);
        (_record, _recordSince, _readAt, IsUnreached) = (record, startedAt, startedAt, false);
        _writtenAt = startedAt;
        return wasHeld;
    }

    /// <summary>Gives up the Lease, even if the API server does not accept the write.</summary>
    public void Released() => (_record, _writtenAt) = (null, null);

    /// <summary>Handles a conflict: another node was faster, and the last read is outdated.</summary>
    public void Conflicted() => (_record, IsUnreached) = (null, false);

    /// <summary>Handles a failed request to the API server.</summary>
    public void Failed(TimeSpan now) => (_readAt, IsUnreached) = (now, true);

    private bool IsHeld(TimeSpan now) => now - _writtenAt < times.ValidFor;

    private bool IsAsked(TimeSpan now) => now - _askedAt <= times.AskedFor;

    private bool IsReadDue(TimeSpan now) => _readAt is null || now - _readAt >= times.ReadEvery;

    private bool IsFree(TimeSpan now) =>
        _record!.Holder is null || _record.Holder == own || now - _recordSince >= times.FreeAfter;
}
