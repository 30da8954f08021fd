using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>Which release is wanted, which is out, and what lies between.</summary>
internal sealed record ReleaseDecision
{
    public required ReleaseRecord Wanted { get; init; }

    /// <summary>Whether the wanted release has to be stored first.</summary>
    public bool IsNew { get; init; }

    /// <summary>A release that status or dynos name and that is newer than all that were seen; looked at only when another is to be made.</summary>
    public long? Unseen { get; init; }

    /// <summary>What new dynos run; null before the first release went out.</summary>
    public ReleaseRecord? Current { get; init; }

    /// <summary>The release phase to start; null for none.</summary>
    public Dyno? Phase { get; init; }

    /// <summary>Release phases of other releases that are not needed any more.</summary>
    public IReadOnlyList<ChildReference> PhasesToDelete { get; init; } = [];

    /// <summary>Why the wanted release is not out.</summary>
    public Problem? Problem { get; init; }
}
