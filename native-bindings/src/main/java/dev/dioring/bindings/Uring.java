package dev.dioring.bindings;

import dev.dioring.bindings.generated.iouring.IoUringH;

/** Constants of io_uring, named as in {@code linux/io_uring.h} without the IORING prefix. */
public final class Uring {
  // Flags of io_uring_setup.
  public static final int SETUP_ATTACH_WQ = IoUringH.IORING_SETUP_ATTACH_WQ();
  public static final int SETUP_CLAMP = IoUringH.IORING_SETUP_CLAMP();
  public static final int SETUP_COOP_TASKRUN = IoUringH.IORING_SETUP_COOP_TASKRUN();
  public static final int SETUP_CQE32 = IoUringH.IORING_SETUP_CQE32();
  public static final int SETUP_CQE_MIXED = IoUringH.IORING_SETUP_CQE_MIXED();
  public static final int SETUP_CQSIZE = IoUringH.IORING_SETUP_CQSIZE();
  public static final int SETUP_DEFER_TASKRUN = IoUringH.IORING_SETUP_DEFER_TASKRUN();
  public static final int SETUP_HYBRID_IOPOLL = IoUringH.IORING_SETUP_HYBRID_IOPOLL();
  public static final int SETUP_IOPOLL = IoUringH.IORING_SETUP_IOPOLL();
  public static final int SETUP_NO_MMAP = IoUringH.IORING_SETUP_NO_MMAP();
  public static final int SETUP_NO_SQARRAY = IoUringH.IORING_SETUP_NO_SQARRAY();
  public static final int SETUP_REGISTERED_FD_ONLY = IoUringH.IORING_SETUP_REGISTERED_FD_ONLY();
  public static final int SETUP_R_DISABLED = IoUringH.IORING_SETUP_R_DISABLED();
  public static final int SETUP_SINGLE_ISSUER = IoUringH.IORING_SETUP_SINGLE_ISSUER();
  public static final int SETUP_SQE128 = IoUringH.IORING_SETUP_SQE128();
  public static final int SETUP_SQE_MIXED = IoUringH.IORING_SETUP_SQE_MIXED();
  public static final int SETUP_SQPOLL = IoUringH.IORING_SETUP_SQPOLL();
  public static final int SETUP_SQ_AFF = IoUringH.IORING_SETUP_SQ_AFF();
  public static final int SETUP_SQ_REWIND = IoUringH.IORING_SETUP_SQ_REWIND();
  public static final int SETUP_SUBMIT_ALL = IoUringH.IORING_SETUP_SUBMIT_ALL();
  public static final int SETUP_TASKRUN_FLAG = IoUringH.IORING_SETUP_TASKRUN_FLAG();

  // Features that io_uring_setup reports.
  public static final int FEAT_CQE_SKIP = IoUringH.IORING_FEAT_CQE_SKIP();
  public static final int FEAT_CUR_PERSONALITY = IoUringH.IORING_FEAT_CUR_PERSONALITY();
  public static final int FEAT_EXT_ARG = IoUringH.IORING_FEAT_EXT_ARG();
  public static final int FEAT_FAST_POLL = IoUringH.IORING_FEAT_FAST_POLL();
  public static final int FEAT_LINKED_FILE = IoUringH.IORING_FEAT_LINKED_FILE();
  public static final int FEAT_MIN_TIMEOUT = IoUringH.IORING_FEAT_MIN_TIMEOUT();
  public static final int FEAT_NATIVE_WORKERS = IoUringH.IORING_FEAT_NATIVE_WORKERS();
  public static final int FEAT_NODROP = IoUringH.IORING_FEAT_NODROP();
  public static final int FEAT_NO_IOWAIT = IoUringH.IORING_FEAT_NO_IOWAIT();
  public static final int FEAT_POLL_32BITS = IoUringH.IORING_FEAT_POLL_32BITS();
  public static final int FEAT_RECVSEND_BUNDLE = IoUringH.IORING_FEAT_RECVSEND_BUNDLE();
  public static final int FEAT_REG_REG_RING = IoUringH.IORING_FEAT_REG_REG_RING();
  public static final int FEAT_RSRC_TAGS = IoUringH.IORING_FEAT_RSRC_TAGS();
  public static final int FEAT_RW_ATTR = IoUringH.IORING_FEAT_RW_ATTR();
  public static final int FEAT_RW_CUR_POS = IoUringH.IORING_FEAT_RW_CUR_POS();
  public static final int FEAT_SINGLE_MMAP = IoUringH.IORING_FEAT_SINGLE_MMAP();
  public static final int FEAT_SQPOLL_NONFIXED = IoUringH.IORING_FEAT_SQPOLL_NONFIXED();
  public static final int FEAT_SUBMIT_STABLE = IoUringH.IORING_FEAT_SUBMIT_STABLE();

  // Flags of io_uring_enter.
  public static final int ENTER_ABS_TIMER = IoUringH.IORING_ENTER_ABS_TIMER();
  public static final int ENTER_EXT_ARG = IoUringH.IORING_ENTER_EXT_ARG();
  public static final int ENTER_EXT_ARG_REG = IoUringH.IORING_ENTER_EXT_ARG_REG();
  public static final int ENTER_GETEVENTS = IoUringH.IORING_ENTER_GETEVENTS();
  public static final int ENTER_NO_IOWAIT = IoUringH.IORING_ENTER_NO_IOWAIT();
  public static final int ENTER_REGISTERED_RING = IoUringH.IORING_ENTER_REGISTERED_RING();
  public static final int ENTER_SQ_WAIT = IoUringH.IORING_ENTER_SQ_WAIT();
  public static final int ENTER_SQ_WAKEUP = IoUringH.IORING_ENTER_SQ_WAKEUP();

  // Flags that the kernel sets in the submission ring.
  public static final int SQ_CQ_OVERFLOW = IoUringH.IORING_SQ_CQ_OVERFLOW();
  public static final int SQ_NEED_WAKEUP = IoUringH.IORING_SQ_NEED_WAKEUP();
  public static final int SQ_TASKRUN = IoUringH.IORING_SQ_TASKRUN();

  // Flags of a submission entry.
  public static final int SQE_ASYNC = IoUringH.IOSQE_ASYNC();
  public static final int SQE_BUFFER_SELECT = IoUringH.IOSQE_BUFFER_SELECT();
  public static final int SQE_CQE_SKIP_SUCCESS = IoUringH.IOSQE_CQE_SKIP_SUCCESS();
  public static final int SQE_FIXED_FILE = IoUringH.IOSQE_FIXED_FILE();
  public static final int SQE_IO_DRAIN = IoUringH.IOSQE_IO_DRAIN();
  public static final int SQE_IO_HARDLINK = IoUringH.IOSQE_IO_HARDLINK();
  public static final int SQE_IO_LINK = IoUringH.IOSQE_IO_LINK();

  // Flags of a completion entry.
  public static final int CQE_F_32 = IoUringH.IORING_CQE_F_32();
  public static final int CQE_F_BUFFER = IoUringH.IORING_CQE_F_BUFFER();
  public static final int CQE_F_BUF_MORE = IoUringH.IORING_CQE_F_BUF_MORE();
  public static final int CQE_F_MORE = IoUringH.IORING_CQE_F_MORE();
  public static final int CQE_F_NOTIF = IoUringH.IORING_CQE_F_NOTIF();
  public static final int CQE_F_SKIP = IoUringH.IORING_CQE_F_SKIP();
  public static final int CQE_F_SOCK_NONEMPTY = IoUringH.IORING_CQE_F_SOCK_NONEMPTY();
  public static final int CQE_F_TSTAMP_HW = IoUringH.IORING_CQE_F_TSTAMP_HW();

  // Operations.
  public static final int OP_ACCEPT = IoUringH.IORING_OP_ACCEPT();
  public static final int OP_ASYNC_CANCEL = IoUringH.IORING_OP_ASYNC_CANCEL();
  public static final int OP_BIND = IoUringH.IORING_OP_BIND();
  public static final int OP_CLOSE = IoUringH.IORING_OP_CLOSE();
  public static final int OP_CONNECT = IoUringH.IORING_OP_CONNECT();
  public static final int OP_EPOLL_CTL = IoUringH.IORING_OP_EPOLL_CTL();
  public static final int OP_EPOLL_WAIT = IoUringH.IORING_OP_EPOLL_WAIT();
  public static final int OP_FADVISE = IoUringH.IORING_OP_FADVISE();
  public static final int OP_FALLOCATE = IoUringH.IORING_OP_FALLOCATE();
  public static final int OP_FGETXATTR = IoUringH.IORING_OP_FGETXATTR();
  public static final int OP_FILES_UPDATE = IoUringH.IORING_OP_FILES_UPDATE();
  public static final int OP_FIXED_FD_INSTALL = IoUringH.IORING_OP_FIXED_FD_INSTALL();
  public static final int OP_FSETXATTR = IoUringH.IORING_OP_FSETXATTR();
  public static final int OP_FSYNC = IoUringH.IORING_OP_FSYNC();
  public static final int OP_FTRUNCATE = IoUringH.IORING_OP_FTRUNCATE();
  public static final int OP_FUTEX_WAIT = IoUringH.IORING_OP_FUTEX_WAIT();
  public static final int OP_FUTEX_WAITV = IoUringH.IORING_OP_FUTEX_WAITV();
  public static final int OP_FUTEX_WAKE = IoUringH.IORING_OP_FUTEX_WAKE();
  public static final int OP_GETXATTR = IoUringH.IORING_OP_GETXATTR();
  public static final int OP_LAST = IoUringH.IORING_OP_LAST();
  public static final int OP_LINKAT = IoUringH.IORING_OP_LINKAT();
  public static final int OP_LINK_TIMEOUT = IoUringH.IORING_OP_LINK_TIMEOUT();
  public static final int OP_LISTEN = IoUringH.IORING_OP_LISTEN();
  public static final int OP_MADVISE = IoUringH.IORING_OP_MADVISE();
  public static final int OP_MKDIRAT = IoUringH.IORING_OP_MKDIRAT();
  public static final int OP_MSG_RING = IoUringH.IORING_OP_MSG_RING();
  public static final int OP_NOP = IoUringH.IORING_OP_NOP();
  public static final int OP_NOP128 = IoUringH.IORING_OP_NOP128();
  public static final int OP_OPENAT = IoUringH.IORING_OP_OPENAT();
  public static final int OP_OPENAT2 = IoUringH.IORING_OP_OPENAT2();
  public static final int OP_PIPE = IoUringH.IORING_OP_PIPE();
  public static final int OP_POLL_ADD = IoUringH.IORING_OP_POLL_ADD();
  public static final int OP_POLL_REMOVE = IoUringH.IORING_OP_POLL_REMOVE();
  public static final int OP_PROVIDE_BUFFERS = IoUringH.IORING_OP_PROVIDE_BUFFERS();
  public static final int OP_READ = IoUringH.IORING_OP_READ();
  public static final int OP_READV = IoUringH.IORING_OP_READV();
  public static final int OP_READV_FIXED = IoUringH.IORING_OP_READV_FIXED();
  public static final int OP_READ_FIXED = IoUringH.IORING_OP_READ_FIXED();
  public static final int OP_READ_MULTISHOT = IoUringH.IORING_OP_READ_MULTISHOT();
  public static final int OP_RECV = IoUringH.IORING_OP_RECV();
  public static final int OP_RECVMSG = IoUringH.IORING_OP_RECVMSG();
  public static final int OP_RECV_ZC = IoUringH.IORING_OP_RECV_ZC();
  public static final int OP_REMOVE_BUFFERS = IoUringH.IORING_OP_REMOVE_BUFFERS();
  public static final int OP_RENAMEAT = IoUringH.IORING_OP_RENAMEAT();
  public static final int OP_SEND = IoUringH.IORING_OP_SEND();
  public static final int OP_SENDMSG = IoUringH.IORING_OP_SENDMSG();
  public static final int OP_SENDMSG_ZC = IoUringH.IORING_OP_SENDMSG_ZC();
  public static final int OP_SEND_ZC = IoUringH.IORING_OP_SEND_ZC();
  public static final int OP_SETXATTR = IoUringH.IORING_OP_SETXATTR();
  public static final int OP_SHUTDOWN = IoUringH.IORING_OP_SHUTDOWN();
  public static final int OP_SOCKET = IoUringH.IORING_OP_SOCKET();
  public static final int OP_SPLICE = IoUringH.IORING_OP_SPLICE();
  public static final int OP_STATX = IoUringH.IORING_OP_STATX();
  public static final int OP_SYMLINKAT = IoUringH.IORING_OP_SYMLINKAT();
  public static final int OP_SYNC_FILE_RANGE = IoUringH.IORING_OP_SYNC_FILE_RANGE();
  public static final int OP_TEE = IoUringH.IORING_OP_TEE();
  public static final int OP_TIMEOUT = IoUringH.IORING_OP_TIMEOUT();
  public static final int OP_TIMEOUT_REMOVE = IoUringH.IORING_OP_TIMEOUT_REMOVE();
  public static final int OP_UNLINKAT = IoUringH.IORING_OP_UNLINKAT();
  public static final int OP_URING_CMD = IoUringH.IORING_OP_URING_CMD();
  public static final int OP_URING_CMD128 = IoUringH.IORING_OP_URING_CMD128();
  public static final int OP_WAITID = IoUringH.IORING_OP_WAITID();
  public static final int OP_WRITE = IoUringH.IORING_OP_WRITE();
  public static final int OP_WRITEV = IoUringH.IORING_OP_WRITEV();
  public static final int OP_WRITEV_FIXED = IoUringH.IORING_OP_WRITEV_FIXED();
  public static final int OP_WRITE_FIXED = IoUringH.IORING_OP_WRITE_FIXED();

  // Operations of io_uring_register.
  public static final int REGISTER_BPF_FILTER = IoUringH.IORING_REGISTER_BPF_FILTER();
  public static final int REGISTER_BUFFERS = IoUringH.IORING_REGISTER_BUFFERS();
  public static final int REGISTER_BUFFERS2 = IoUringH.IORING_REGISTER_BUFFERS2();
  public static final int REGISTER_BUFFERS_UPDATE = IoUringH.IORING_REGISTER_BUFFERS_UPDATE();
  public static final int REGISTER_CLOCK = IoUringH.IORING_REGISTER_CLOCK();
  public static final int REGISTER_CLONE_BUFFERS = IoUringH.IORING_REGISTER_CLONE_BUFFERS();
  public static final int REGISTER_DST_REPLACE = IoUringH.IORING_REGISTER_DST_REPLACE();
  public static final int REGISTER_ENABLE_RINGS = IoUringH.IORING_REGISTER_ENABLE_RINGS();
  public static final int REGISTER_EVENTFD = IoUringH.IORING_REGISTER_EVENTFD();
  public static final int REGISTER_EVENTFD_ASYNC = IoUringH.IORING_REGISTER_EVENTFD_ASYNC();
  public static final int REGISTER_FILES = IoUringH.IORING_REGISTER_FILES();
  public static final int REGISTER_FILES2 = IoUringH.IORING_REGISTER_FILES2();
  public static final int REGISTER_FILES_SKIP = IoUringH.IORING_REGISTER_FILES_SKIP();
  public static final int REGISTER_FILES_UPDATE = IoUringH.IORING_REGISTER_FILES_UPDATE();
  public static final int REGISTER_FILES_UPDATE2 = IoUringH.IORING_REGISTER_FILES_UPDATE2();
  public static final int REGISTER_FILE_ALLOC_RANGE = IoUringH.IORING_REGISTER_FILE_ALLOC_RANGE();
  public static final int REGISTER_IOWQ_AFF = IoUringH.IORING_REGISTER_IOWQ_AFF();
  public static final int REGISTER_IOWQ_MAX_WORKERS = IoUringH.IORING_REGISTER_IOWQ_MAX_WORKERS();
  public static final int REGISTER_LAST = IoUringH.IORING_REGISTER_LAST();
  public static final int REGISTER_MEM_REGION = IoUringH.IORING_REGISTER_MEM_REGION();
  public static final int REGISTER_NAPI = IoUringH.IORING_REGISTER_NAPI();
  public static final int REGISTER_PBUF_RING = IoUringH.IORING_REGISTER_PBUF_RING();
  public static final int REGISTER_PBUF_STATUS = IoUringH.IORING_REGISTER_PBUF_STATUS();
  public static final int REGISTER_PERSONALITY = IoUringH.IORING_REGISTER_PERSONALITY();
  public static final int REGISTER_PROBE = IoUringH.IORING_REGISTER_PROBE();
  public static final int REGISTER_QUERY = IoUringH.IORING_REGISTER_QUERY();
  public static final int REGISTER_RESIZE_RINGS = IoUringH.IORING_REGISTER_RESIZE_RINGS();
  public static final int REGISTER_RESTRICTIONS = IoUringH.IORING_REGISTER_RESTRICTIONS();
  public static final int REGISTER_RING_FDS = IoUringH.IORING_REGISTER_RING_FDS();
  public static final int REGISTER_SEND_MSG_RING = IoUringH.IORING_REGISTER_SEND_MSG_RING();
  public static final int REGISTER_SRC_REGISTERED = IoUringH.IORING_REGISTER_SRC_REGISTERED();
  public static final int REGISTER_SYNC_CANCEL = IoUringH.IORING_REGISTER_SYNC_CANCEL();
  public static final int REGISTER_USE_REGISTERED_RING =
      IoUringH.IORING_REGISTER_USE_REGISTERED_RING();
  public static final int REGISTER_ZCRX_CTRL = IoUringH.IORING_REGISTER_ZCRX_CTRL();
  public static final int REGISTER_ZCRX_IFQ = IoUringH.IORING_REGISTER_ZCRX_IFQ();
  public static final int UNREGISTER_BUFFERS = IoUringH.IORING_UNREGISTER_BUFFERS();
  public static final int UNREGISTER_EVENTFD = IoUringH.IORING_UNREGISTER_EVENTFD();
  public static final int UNREGISTER_FILES = IoUringH.IORING_UNREGISTER_FILES();
  public static final int UNREGISTER_IOWQ_AFF = IoUringH.IORING_UNREGISTER_IOWQ_AFF();
  public static final int UNREGISTER_NAPI = IoUringH.IORING_UNREGISTER_NAPI();
  public static final int UNREGISTER_PBUF_RING = IoUringH.IORING_UNREGISTER_PBUF_RING();
  public static final int UNREGISTER_PERSONALITY = IoUringH.IORING_UNREGISTER_PERSONALITY();
  public static final int UNREGISTER_RING_FDS = IoUringH.IORING_UNREGISTER_RING_FDS();

  // Flags of single operations.
  public static final int FSYNC_DATASYNC = IoUringH.IORING_FSYNC_DATASYNC();
  public static final int POLL_ADD_LEVEL = IoUringH.IORING_POLL_ADD_LEVEL();
  public static final int POLL_ADD_MULTI = IoUringH.IORING_POLL_ADD_MULTI();
  public static final int POLL_UPDATE_EVENTS = IoUringH.IORING_POLL_UPDATE_EVENTS();
  public static final int POLL_UPDATE_USER_DATA = IoUringH.IORING_POLL_UPDATE_USER_DATA();
  public static final int TIMEOUT_ABS = IoUringH.IORING_TIMEOUT_ABS();
  public static final int TIMEOUT_BOOTTIME = IoUringH.IORING_TIMEOUT_BOOTTIME();
  public static final int TIMEOUT_CLOCK_MASK = IoUringH.IORING_TIMEOUT_CLOCK_MASK();
  public static final int TIMEOUT_ETIME_SUCCESS = IoUringH.IORING_TIMEOUT_ETIME_SUCCESS();
  public static final int TIMEOUT_IMMEDIATE_ARG = IoUringH.IORING_TIMEOUT_IMMEDIATE_ARG();
  public static final int TIMEOUT_MULTISHOT = IoUringH.IORING_TIMEOUT_MULTISHOT();
  public static final int TIMEOUT_REALTIME = IoUringH.IORING_TIMEOUT_REALTIME();
  public static final int TIMEOUT_UPDATE = IoUringH.IORING_TIMEOUT_UPDATE();
  public static final int TIMEOUT_UPDATE_MASK = IoUringH.IORING_TIMEOUT_UPDATE_MASK();
  public static final int ASYNC_CANCEL_ALL = IoUringH.IORING_ASYNC_CANCEL_ALL();
  public static final int ASYNC_CANCEL_ANY = IoUringH.IORING_ASYNC_CANCEL_ANY();
  public static final int ASYNC_CANCEL_FD = IoUringH.IORING_ASYNC_CANCEL_FD();
  public static final int ASYNC_CANCEL_FD_FIXED = IoUringH.IORING_ASYNC_CANCEL_FD_FIXED();
  public static final int ASYNC_CANCEL_OP = IoUringH.IORING_ASYNC_CANCEL_OP();
  public static final int ASYNC_CANCEL_USERDATA = IoUringH.IORING_ASYNC_CANCEL_USERDATA();
  public static final int MSG_DATA = IoUringH.IORING_MSG_DATA();
  public static final int MSG_RING_CQE_SKIP = IoUringH.IORING_MSG_RING_CQE_SKIP();
  public static final int MSG_RING_FLAGS_PASS = IoUringH.IORING_MSG_RING_FLAGS_PASS();
  public static final int MSG_SEND_FD = IoUringH.IORING_MSG_SEND_FD();

  private Uring() {}
}
