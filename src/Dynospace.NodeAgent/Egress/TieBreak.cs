namespace Dynospace.NodeAgent.Egress;

/// <summary>The times of the Lease that breaks a tie.</summary>
internal sealed record TieTimes
{
    /// <summary>
    /// How long a half without fixed IPs waits for the half that has some to take the Lease, so that nothing moves.
    /// </summary>
    public TimeSpan Yield { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often the Lease is read while another node holds it.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often the holder writes.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the holder relies on a write, counted from the start of the request.</summary>
    public TimeSpan ValidFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the Lease must stay unwritten before another node takes it: longer than <see cref="ValidFor"/> and the
    /// time until the nodes of the holder's half have heard that it no longer holds it.
    /// </summary>
    public TimeSpan FreeAfter { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long after the last question the tie counts as over.</summary>
    public TimeSpan AskedFor { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Whether this node's half decides.</summary>
internal enum TieVote
{
    /// <summary>The Lease has not been read, or written, yet.</summary>
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

/// <summary>The Lease as the API server shows it.</summary>
/// <param name="Holder">The node that holds it; null for none.</param>
/// <param name="Version">The version that a write replaces; null while there is no Lease.</param>
internal sealed record TieRecord(string? Holder, string? Version);

/// <summary>
/// Decides which half of the nodes keeps the fixed IPs when exactly half of them hear each other: the half in which a
/// node holds the Lease. Without a tie nothing is read or written. Pure.
/// <para>
/// Two halves cannot both have it: each write replaces the version that was read, and a holder relies on it for less
/// time than others wait. Each measures by its own clock: the holder from before its write, the others from when they
/// first read it.
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
    /// <param name="hasAddresses">Whether the half has fixed IPs, which would move if the other one goes on.</param>
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

    /// <summary>The version that a write replaces; null where it creates the Lease.</summary>
    public string? Version => _record?.Version;

    /// <summary>The Lease was read.</summary>
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

    /// <summary>The Lease was written by this node.</summary>
    /// <param name="startedAt">When the request started: others may have read the result since.</param>
    /// <returns>Whether this node held the Lease before.</returns>
    public bool Taken(TieRecord record, TimeSpan startedAt)
    {
        var wasHeld = IsHeld(startedAt);
        (_record, _recordSince, _readAt, IsUnreached) = (record, startedAt, startedAt, false);
        _writtenAt = startedAt;
        return wasHeld;
    }

    /// <summary>This node gives the Lease up, even if the API server does not accept the write.</summary>
    public void Released() => (_record, _writtenAt) = (null, null);

    /// <summary>Another node was faster: what was read is stale.</summary>
    public void Conflicted() => (_record, IsUnreached) = (null, false);

    /// <summary>The API server does not answer.</summary>
    public void Failed(TimeSpan now) => (_readAt, IsUnreached) = (now, true);

    private bool IsHeld(TimeSpan now) => now - _writtenAt < times.ValidFor;

    private bool IsAsked(TimeSpan now) => now - _askedAt <= times.AskedFor;

    private bool IsReadDue(TimeSpan now) => _readAt is null || now - _readAt >= times.ReadEvery;

    private bool IsFree(TimeSpan now) =>
        _record!.Holder is null || _record.Holder == own || now - _recordSince >= times.FreeAfter;
}
