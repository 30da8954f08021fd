
namespace Dynospace.Planning.Dynos;

/// <summary>What a dyno is for, which decides what becomes of its pod.</summary>
internal enum DynoKind
{
    /// <summary>Runs until it is told to stop; a pod that is lost is made again.</summary>
    Formation,

    /// <summary>Runs once; the pod that ended is its result.</summary>
    OneOff,
}
