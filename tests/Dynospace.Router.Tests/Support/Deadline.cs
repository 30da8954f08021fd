namespace Dynospace.Router.Tests.Support;

/// <summary>A bound for waits that should never be reached: a broken test ends instead of hanging.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Bound);

    public static Task Soon(this Task task) => task.WaitAsync(Bound);
}
